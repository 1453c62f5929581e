#!/usr/bin/env bash
# Unpacks the oldest versions of Bash that hosts have into target/bash/, for the tests that run the hosts' scripts.
#
# They come from Ubuntu's archive by apt, as if this were a machine with another list of sources. Debian has no keys for
# their signatures: the SHA-256 of each decides.
set -euo pipefail
cd "$(dirname "$0")/.."
readonly folder=$PWD/target/bash

# Downloads packages of a release.
fetch() { # SUITE FOLDER PACKAGE=VERSION...
    local suite=$1 apt=$2/apt
    cd "$2"
    shift 2
    mkdir -p "$apt/lists/partial" "$apt/archives/partial"
    : >"$apt/status"
    printf 'deb [arch=amd64 trusted=yes] http://archive.ubuntu.com/ubuntu %s main\n' "$suite" >"$apt/sources.list"
    local -a options=(
        --quiet --quiet --option=APT::Sandbox::User=root
        --option=APT::Architecture=amd64 --option=APT::Architectures=amd64
        --option=Dir::Etc::SourceList="$apt/sources.list" --option=Dir::Etc::SourceParts=/dev/null
        --option=Dir::State::Lists="$apt/lists" --option=Dir::State::Status="$apt/status"
        --option=Dir::Cache="$apt" --option=Acquire::Languages=none --option=Acquire::Retries=2
        --option=Acquire::http::Timeout=20
    )
    timeout 120 apt-get "${options[@]}" --option=APT::Update::Error-Mode=any update &&
        timeout 120 apt-get "${options[@]}" download "$@" &&
        rm -rf -- "$apt"
}

# One version, complete or not at all.
provide() { # VERSION SUITE SHA256-OF-BASH SHA256-OF-LIBTINFO5 PACKAGE=VERSION...
    local version=$1 suite=$2 digests=("$3" "$4") new=$folder/$1.new deb digest
    shift 4
    [[ ! -e $folder/$version/run ]] || return 0
    rm -rf -- "$new" "${folder:?}/$version"
    mkdir -p "$new"
    (fetch "$suite" "$new" "$@") || return
    for deb in "$new"/*.deb; do
        digest=$(sha256sum <"$deb")
        if [[ " ${digests[*]} " != *" ${digest%% *} "* ]]; then
            echo "${deb##*/} has the digest ${digest%% *}, which is not the one that is known" >&2
            exit 1
        fi
        dpkg-deb --extract "$deb" "$new" || return
    done
    printf '#!/bin/sh\n# Starts Bash %s with the library that it was built for.\nLD_LIBRARY_PATH=%s exec %s "$@"\n' \
        "$version" "$folder/$version/lib/x86_64-linux-gnu" "$folder/$version/bin/bash" >"$new/run"
    chmod 755 "$new/run"
    rm -f -- "$new"/*.deb
    mv -- "$new" "$folder/$version"
}

if [[ $(dpkg --print-architecture) != amd64 ]]; then
    echo "old-bash.sh knows packages for amd64 alone: the tests of old Bash will be skipped" >&2
    exit 0
fi
for version in 4.3 4.4; do
    case $version in
        4.3)
            wanted=(
                xenial 532f8a3070a655c5738cfa3d9d5e6674f1e6e687e5d3be8e5b6bbbcd7a23ccc7
                87911b59dabcc52e2dcad9c01679259ccfa785916aed4b1bbecdd3e699c75fb8
                bash=4.3-14ubuntu1 libtinfo5=6.0+20160213-1ubuntu1
            )
            ;;
        4.4)
            wanted=(
                bionic 5895e980d1fc874906d27823ab31eeb65cfe1d059936b9d6d304bfee02c8995c
                450bf945387029bee91d8eea76deacb8df907a1f6641fbce388933d1fdfb5a0d
                bash=4.4.18-2ubuntu1 libtinfo5=6.1-1ubuntu1
            )
            ;;
    esac
    if ! provide "$version" "${wanted[@]}"; then
        rm -rf -- "$folder/$version.new"
        printf '\n*** Bash %s cannot be had from archive.ubuntu.com: tests skip it, and say so. ***\n\n' "$version" >&2
    fi
done
