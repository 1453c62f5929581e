#!/usr/bin/env bash
# Replaces what is live, each thing by one rename. A part of the script that transaction.sh begins.
# shellcheck disable=SC2154,SC2317,SC2329  # variables are set by transaction.sh, functions called by the steps

switch_file() {
    mv --no-target-directory --force -- "${staged[$1]}" "$1"
    unset "staged[$1]"
}

put_link() { # PATH TO
    local new=${1%/*}/.${1##*/}.provision
    rm -rf -- "$new"
    ln -s -- "$2" "$new"
    mv --no-target-directory --force -- "$new" "$1"
}

remove_path() {
    rm -f -- "$1"
}

remove_directory() {
    rmdir -- "$1" 2>/dev/null || true
}

disable_welcome() {
    rm -f /etc/nginx/sites-enabled/default
}

restore_welcome() {
    local available=/etc/nginx/sites-available/default enabled=/etc/nginx/sites-enabled/default
    [[ ! -e $available || -e $enabled || -L $enabled ]] || ln -s "$available" "$enabled"
}
