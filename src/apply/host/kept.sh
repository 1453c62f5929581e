#!/usr/bin/env bash
# What brings a removed app back: its releases stay where they are, and the secrets of the files that went with it stay
# in the generations that had them. A part of the script that lib.sh begins.
# Variables are shared with the other parts, functions are called by them.
# shellcheck disable=SC2034,SC2154,SC2317,SC2329

# Nothing is live of it. Its releases stay, and a list of the secrets that went: each is a file of that name and value.
keep_app() { # APP
    local former folder=$state/kept$own/${1:?} name
    # Cut after the record, an attempt would take itself for the one before.
    ! is_recorded || return 0
    rm -f -- "/srv/$1/current"
    former=$(readlink --canonicalize -- "$state/generation$own") || return 0
    (umask 077 && mkdir -p -- "$folder")
    while IFS= read -r name; do
        [[ ! -f $former/secrets/$name ]] || keep_whole "$former/secrets/$name" "$folder/$name"
    done < <(run_python gone.py "$former/desired.json" "$work/desired.json")
}

# What is kept no longer, by the record that this attempt ends with, loses its secrets. So does what is: of those that
# the live generation has with another value the operator expects the former one to be gone.
forget_kept() { # FOLDER-OF-THE-LIVE-GENERATION
    local folder file
    for folder in "$state/kept$own"/*/; do
        [[ -d $folder ]] || continue
        folder=${folder%/}
        if ! grep --quiet -- "^kept"$'\t'"${folder##*/} until=[0-9]*"$'\t'"$project\$" "$work/owned.final"; then
            rm -rf -- "$folder"
            continue
        fi
        for file in "$folder"/*; do
            [[ ! -e $1/secrets/${file##*/} ]] || cmp --silent -- "$file" "$1/secrets/${file##*/}" || rm -f -- "$file"
        done
    done
}

# Whether a removed app comes back with that secret.
is_kept() { # FILE
    local kept
    for kept in "$state/kept$own"/*/"${1##*/}"; do
        [[ ! -e $kept ]] || ! cmp --silent -- "$1" "$kept" || return 0
    done
    return 1
}
