#!/usr/bin/env bash
# Replaces what is live, each thing by one rename, and keeps what was there. A part of the script that lib.sh begins.
# Variables are shared with the other parts, functions are called by them.
# shellcheck disable=SC2034,SC2154,SC2317,SC2329

# Everything is prepared and checked. From here on a cut is undone.
begin_switch() {
    if [[ -e $work/watch.py ]]; then
        : >"$work/phase"
    fi
    date +%s >"$memory/switched"
    reach switching
}

switch_file() { # PATH
    keep "$1"
    mv --no-target-directory --force -- "${staged[$1]}" "$1"
    unset "staged[$1]"
}

put_link() { # PATH TO
    keep "$1"
    new_name "$1"
    rm -rf -- "$REPLY"
    ln -s -- "$2" "$REPLY"
    mv --no-target-directory --force -- "$REPLY" "$1"
}

# Takes a path out of service, and keeps it until the end.
retire_path() { # PATH
    exists "$1" || return 0
    old_name "$1"
    mv --no-target-directory --force -- "$1" "$REPLY"
}

disable_welcome() {
    retire_path /etc/nginx/sites-enabled/default
}

restore_welcome() {
    local available=/etc/nginx/sites-available/default enabled=/etc/nginx/sites-enabled/default
    [[ ! -e $available || -e $enabled || -L $enabled ]] || ln -s "$available" "$enabled"
}
