#!/usr/bin/env bash
# Prints what was wanted in one generation and the secrets that are kept of it, encoded; writes nothing.
#
# provision says before where it lies: `wanted=generations/3`, or `wanted=generation` for the one that serves.
set -uo pipefail
export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin
state=/var/lib/provision
wanted=${wanted:-generation}

report() {
    local folder file name
    printf 'desired\n'
    if ((EUID != 0)); then
        printf 'not-root\t%s\n' "$(id -un)"
        return 0
    fi
    folder=$(readlink --canonicalize -- "$state/$wanted")
    name=${folder##*/}
    # On probation everything new serves already, and becomes the live generation later.
    if [[ $wanted == "$(cat "$state/transaction/becomes" 2>/dev/null)" ]]; then
        folder=$state/transaction
        name=$(<"$folder/generation")
    fi
    if [[ -r $folder/desired.json ]]; then
        for file in "$folder"/secrets/*; do
            # Beside them lie the texts by which they could be seen.
            [[ ! -r $file || $file == *.json ]] || printf 'secret\t%s\t%s\n' "${file##*/}" "$(base64 --wrap=0 <"$file")"
        done
        printf 'stored\t%s\t%s\n' "$name" "$(base64 --wrap=0 <"$folder/desired.json")"
    fi
    printf 'end\n'
}

answer=$(report)
printf '%s\n' "$answer"
