#!/usr/bin/env bash
# Prints what a host keeps of every attempt to change it, and which releases it has; writes nothing.
#
# Each fact is one line of tab-separated fields. The whole answer leaves in one write.
set -uo pipefail
export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin
shopt -s nullglob
state=/var/lib/provision

# One attempt: its record line by line, and the releases that it is made of, which stored.rs writes as a line of their
# own.
report_generation() { # FOLDER
    local line
    local -a lines=()
    printf 'generation\t%s\n' "${1##*/}"
    # A reason is what an app printed: of any length, and with anything in it.
    [[ ! -r $1/record ]] || mapfile -t lines < <(head --bytes=262144 -- "$1/record")
    # Up to bash 4.3, which Ubuntu 16.04 has, `set -u` takes an empty array for an unset variable.
    for line in "${lines[@]+"${lines[@]}"}"; do
        printf 'record\t%s\n' "${line:0:2000}"
    done
    [[ -r $1/desired.json ]] || return 0
    { read -r _ && IFS= read -r line; } <"$1/desired.json" || line=''
    printf 'stored\t%s\n' "$line"
}

report() {
    local folder number marker app link project
    printf 'history\n'
    if ((EUID != 0)); then
        printf 'not-root\t%s\n' "$(id -un)"
        return 0
    fi
    for link in "$state"/generation "$state"/generation+*; do
        [[ -L $link && $link != *.new ]] || continue
        # Each project has one; that of the usual project is called as it was before there were others.
        folder=$(readlink -- "$link")
        project=${link#"$state/generation"}
        printf 'live\t%s\t%s\n' "${folder##*/}" "${project#+}"
    done
    [[ ! -r $state/owned ]] || sed -n $'s/^kept\t[!-~]* until=[0-9]*\t[a-z0-9-]*$/&/p' "$state/owned"
    for folder in "$state"/generations/[1-9]*/; do
        folder=${folder%/}
        number=${folder##*/}
        # Copies that somebody made are no generations.
        [[ $number == *[!0-9]* || ${#number} -gt 9 ]] || report_generation "$folder"
    done
    # The marker is the last thing that a release gets. A name with line breaks would speak for us.
    for marker in /srv/*/releases/*/.provision-release; do
        marker=${marker%/.provision-release}
        [[ $marker != *[$'\t\n']* ]] || continue
        app=${marker#/srv/}
        printf 'complete\t%s\t%s\n' "${app%%/*}" "${marker##*/}"
    done
    printf 'end\n'
}

answer=$(report)
printf '%s\n' "$answer"
