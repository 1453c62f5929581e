#!/usr/bin/env bash
# Unpacks old programs into target/old/, for the tests: the oldest versions of Bash that hosts have, and the ShellCheck
# of Ubuntu 16.04.
#
# They come from Ubuntu's archive by apt's own downloader, as if this were a machine with another list of sources.
# Debian has no keys for their signatures: the SHA-256 of each decides.
set -euo pipefail
cd "$(dirname "$0")/.."
readonly folder=$PWD/target/old
readonly pool=http://archive.ubuntu.com/ubuntu/pool

# One program, complete or not at all.
provide() { # NAME PROGRAM-IN-IT (PACKAGE-IN-THE-POOL SHA256)...
    local name=$1 program=$2 new=$folder/$1.new deb
    shift 2
    [[ ! -e $folder/$name/run ]] || return 0
    rm -rf -- "$new" "${folder:?}/$name"
    mkdir -p "$new"
    while (($#)); do
        deb=$new/${1##*/}
        timeout 120 /usr/lib/apt/apt-helper --option=APT::Sandbox::User=root --option=Acquire::Retries=2 \
            --option=Acquire::http::Timeout=20 download-file "$pool/$1" "$deb" "SHA256:$2" >/dev/null || return
        dpkg-deb --extract "$deb" "$new" || return
        rm -f -- "$deb"
        shift 2
    done
    local libraries=lib/x86_64-linux-gnu
    printf '#!/bin/sh\n# Starts %s with the libraries that it was built for.\nLD_LIBRARY_PATH=%s:%s exec %s "$@"\n' \
        "$name" "$folder/$name/$libraries" "$folder/$name/usr/$libraries" "$folder/$name/$program" >"$new/run"
    chmod 755 "$new/run"
    mv -- "$new" "$folder/$name"
}

if [[ $(dpkg --print-architecture) != amd64 ]]; then
    echo "old-programs.sh knows packages for amd64 alone: tests of old Bash and ShellCheck will be skipped" >&2
    exit 0
fi
for name in bash-4.3 bash-4.4 shellcheck-0.3.7; do
    case $name in
        bash-4.3)
            wanted=(
                bin/bash
                main/b/bash/bash_4.3-14ubuntu1_amd64.deb
                532f8a3070a655c5738cfa3d9d5e6674f1e6e687e5d3be8e5b6bbbcd7a23ccc7
                main/n/ncurses/libtinfo5_6.0+20160213-1ubuntu1_amd64.deb
                87911b59dabcc52e2dcad9c01679259ccfa785916aed4b1bbecdd3e699c75fb8
            )
            ;;
        bash-4.4)
            wanted=(
                bin/bash
                main/b/bash/bash_4.4.18-2ubuntu1_amd64.deb
                5895e980d1fc874906d27823ab31eeb65cfe1d059936b9d6d304bfee02c8995c
                main/n/ncurses/libtinfo5_6.1-1ubuntu1_amd64.deb
                450bf945387029bee91d8eea76deacb8df907a1f6641fbce388933d1fdfb5a0d
            )
            ;;
        shellcheck-0.3.7)
            wanted=(
                usr/bin/shellcheck
                universe/s/shellcheck/shellcheck_0.3.7-5_amd64.deb
                e084d09e2de4c8d319427d6566b9f00933276e8a0fed715f23fe7e1d1bc2c13a
                main/libf/libffi/libffi6_3.2.1-4_amd64.deb
                c114e92771964761d602b7823399072e05b942144367b3f87cd3ce8f0318c3f0
                main/g/gmp/libgmp10_6.1.0+dfsg-2_amd64.deb
                2605f43f8047fc972855bb909f1dd7af761bbfd35ae559ad689b0d55a4236d69
            )
            ;;
    esac
    if ! provide "$name" "${wanted[@]}"; then
        rm -rf -- "$folder/$name.new"
        printf '\n*** %s cannot be had from archive.ubuntu.com: tests skip it, and say so. ***\n\n' "$name" >&2
    fi
done
