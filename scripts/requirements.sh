#!/usr/bin/env bash
# Installs the Debian or Ubuntu packages that the demo and the tests need, and only those that are missing.
set -euo pipefail

# mmdebstrap .. util-linux: the sandbox (docs/sandbox.md). gcc, libc6-dev: Rust links with them. shellcheck, logrotate:
# the tests ask them to judge scripts and rendered files. procps: the tests look at processes. tcsh, zsh: shells of
# users who log in.
packages=(
    mmdebstrap systemd-container iproute2 openssh-client dpkg-dev python3-pip util-linux
    gcc libc6-dev git curl shellcheck logrotate procps tcsh zsh ca-certificates
)

missing=()
for package in "${packages[@]}"; do
    # dpkg-query expands it.
    # shellcheck disable=SC2016
    status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null) || true
    [[ $status == installed ]] || missing+=("$package")
done
if ((${#missing[@]})); then
    if ((EUID != 0)); then
        echo "packages are missing; install them as root: apt-get install ${missing[*]}" >&2
        exit 1
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get update --quiet
    apt-get install --quiet --yes --no-install-recommends "${missing[@]}"
fi

# Debian's own Rust is older than the crates ask for.
wanted=$(sed -n 's/^rust-version = "\([0-9.]*\)".*/\1/p' Cargo.toml)
have=$(cargo --version 2>/dev/null | cut -d ' ' -f 2 || true)
if [[ -z $have || $(printf '%s\n' "$wanted" "$have" | sort --version-sort | head -n 1) != "$wanted" ]]; then
    echo "Rust $wanted or newer is needed, and there is ${have:-none}; install it by https://rustup.rs" >&2
    exit 1
fi

# The scripts are tried under the oldest Bash, and by the oldest ShellCheck, as well.
scripts/old-programs.sh
