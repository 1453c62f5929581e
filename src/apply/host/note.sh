#!/usr/bin/env bash
# Notes what is there before anything is touched, and keeps it: what undo.sh brings back. A part of the script that
# lib.sh begins.
# Variables are shared with the other parts, functions are called by them.
# shellcheck disable=SC2034,SC2154,SC2317,SC2329

# What is there of all that this transaction may touch, as lines `was KIND NAME STATE…` of the journal.
note_before() {
    local kind name more link
    if [[ -e $state/owned ]]; then
        # Half a copy, on a full disk or after a power cut, must not be taken for the whole.
        cp --archive -- "$state/owned" "$work/owned.half"
        sync "$work/owned.half"
        mv --no-target-directory -- "$work/owned.half" "$work/owned.before"
    else
        journal was owned "$state/owned" absent
    fi
    mkdir -p -- "$work/loaded"
    # What others can write leads root astray: nothing of what follows goes along such a path, but for folders
    # (folder.py).
    sed -n 's/^\(path\|release\)\t//p' "$work/touches" | run_python folder.py trust
    while IFS=$'\t' read -r kind name more; do
        case $kind in
            path)
                new_name "$name"
                rm -rf -- "$REPLY"
                old_name "$name"
                rm -rf -- "$REPLY"
                if exists "$name"; then journal was path "$name" present; else journal was path "$name" absent; fi
                ;;
            directory)
                if [[ -d $name && ! -L $name ]]; then
                    journal was directory "$name" "$(stat --format='%a %u:%g' -- "$name")"
                else
                    journal was directory "$name" absent
                fi
                ;;
            log) journal was log "$name" "$more" ;;
            user)
                if is_user "$name"; then more=present; else more=absent; fi
                journal was user "$name" "$more"
                ;;
            release)
                if [[ -e $name/.provision-release ]] || is_live "$name"; then more=present; else more=absent; fi
                journal was release "$name" "$more"
                ;;
            socket)
                if exists "$name"; then more=present; else more=absent; fi
                journal was socket "$name" "$more"
                ;;
            service)
                [[ ! -e $state/loaded/$name$own ]] ||
                    cp --archive -- "$state/loaded/$name$own" "$work/loaded/$name"
                # Where pid 1 does not answer this fails: a service that is not known to run would be stopped on the way
                # back.
                more=$(state_of "$name")
                journal was service "$name" "$more"
                for link in /etc/systemd/system/*.wants/"$name"; do
                    [[ ! -L $link ]] || journal was wants "$link" "$(readlink -- "$link")"
                done
                ;;
        esac
    done <"$work/touches"
    journal noted
    cp -- "$work/journal" "$work/before.half"
    sync "$work/journal" "$work/before.half"
    mv --no-target-directory -- "$work/before.half" "$work/before"
    sync "$work"
}

# Notes everything that this run may create before it creates any of it, so that a run cut short can be cleaned up.
claim() {
    local -a before=()
    [[ ! -e $state/owned ]] || before=("$state/owned")
    # As bytes: to Ubuntu 16.04 two lines are one if they differ only in what is not UTF-8.
    LC_ALL=C sort -u "${before[@]+"${before[@]}"}" "$work/owned" >"$state/owned.new"
    sync "$state/owned.new"
    mv --no-target-directory -- "$state/owned.new" "$state/owned"
}

# Keeps what is live at a path until the end. A second name for the same file costs no space.
keep() { # PATH
    exists "$1" || return 0
    # This transaction made it.
    ! has_noted made "$1" || return 0
    old_name "$1"
    rm -f -- "$REPLY"
    ln --physical -- "$1" "$REPLY" 2>/dev/null && return 0
    # Where the file system has no hard links.
    cp --archive --no-dereference -- "$1" "$REPLY.half"
    sync --file-system "${1%/*}"
    mv --no-target-directory -- "$REPLY.half" "$REPLY"
}
