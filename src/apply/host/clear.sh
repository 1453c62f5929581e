#!/usr/bin/env bash
# Clears away what nothing needs any more, after the commit: each step can be done again. A part of the script that
# lib.sh begins.
# Variables are shared with the other parts, functions are called by them.
# shellcheck disable=SC2034,SC2154,SC2317,SC2329

# The former content of a path.
discard() { # PATH
    old_name "$1"
    rm -rf -- "$REPLY"
}

discard_former() {
    for_each path discard
    # Not the one of a process that undoes a step.
    # shellcheck disable=SC2031
    [[ $missed == no ]]
}

# The releases of an app, newest first. Known by their names: another tool may keep folders of its own beside them.
releases_of() { # APP
    local folder
    while IFS= read -r folder; do
        folder=${folder%/}
        [[ ! ${folder##*/} =~ ^[0-9a-f]{12}(-[0-9a-f]{6})?$ ]] || printf '%s\n' "$folder"
    done < <(ls -dt -- "/srv/$1/releases"/*/ 2>/dev/null)
}

# Its units, settings, links and folders are in the ownership record, and go with that.
remove_app() { # APP
    local folder
    while IFS= read -r folder; do
        rm -rf -- "$folder"
    done < <(releases_of "$1")
    rm -rf -- "$state/git/${1:?}"
    rm -f -- "/srv/$1/current" "$state/python/$1" "$state/python/$1@"*
}

remove_directory() { # PATH
    unless_killed run_python folder.py remove "$1" 2>/dev/null
}

# Whoever listens there still, or again, keeps it.
remove_socket() { # PATH
    unless_killed run_python folder.py socket "$1" 2>/dev/null
}

# Keeps the newest releases, the live one, and every one that a worker still finishes its requests in.
prune_releases() { # APP KEEP
    local live folder kept=0 used
    live=$(readlink "/srv/$1/current")
    used=" $(find /proc/[0-9]*/cwd -maxdepth 0 -lname "/srv/$1/releases/*" -printf '%l ' 2>/dev/null || true)"
    while IFS= read -r folder; do
        kept=$((kept + 1))
        if ((kept <= $2)) || [[ $folder == "$live" || $used == *" $folder "* || $used == *" $folder/"* ]]; then
            continue
        fi
        rm -rf -- "$folder" "$state/python/$1@${folder##*/}"
    done < <(releases_of "$1")
}

# On a full disk there is all of a file, or none.
keep_whole() { # FROM TO
    if ! install --mode=0600 -T -- "$1" "$2.new"; then
        rm -f -- "$2.new"
        return 1
    fi
    mv --no-target-directory -- "$2.new" "$2"
}

# Whether this attempt is the live generation.
is_recorded() {
    [[ $(readlink -- "$state/generation$own") == "generations/$generation" ]]
}

# This attempt is the live generation now.
record_generation() { # KEPT...
    local folder=$state/generations/$generation file app
    make_room
    if [[ -e $work/desired.json ]]; then
        [[ -d $folder/secrets ]] || mkdir -m 0700 -- "$folder/secrets"
        for file in "$work"/secrets/*; do
            keep_whole "$file" "$folder/secrets/${file##*/}"
        done
        keep_whole "$work/checks.json" "$folder/checks.json"
        keep_whole "$work/desired.json" "$folder/desired.json"
    fi
    # Before any secret of an old generation goes.
    for app; do
        keep_app "$app"
    done
    sync --file-system "$folder"
    ln -s --no-dereference --force -- "generations/$generation" "$state/generation.new"
    mv --no-target-directory -- "$state/generation.new" "$state/generation$own"
    forget_kept "$folder"
    forget_secrets "$folder"
}

# The project of an attempt. Records had no word of it before there were projects.
project_of() { # FOLDER-OF-THE-ATTEMPT; the answer is in REPLY
    REPLY=$(sed -n $'s/^project\t//p' "$1/record" 2>/dev/null | head -n 1) || true
    REPLY=${REPLY:-default}
}

# Whether an attempt is the live generation of any project.
is_live_generation() { # FOLDER-OF-THE-ATTEMPT
    local link
    for link in "$state"/generation "$state"/generation+*; do
        [[ $(readlink -- "$link") != "generations/${1##*/}" ]] || return 0
    done
    return 1
}

# What is no longer in use is kept nowhere: of its secrets a former generation of this project keeps those that the live
# one has as well, and those with which a removed app comes back. A way back that needs another asks for it.
forget_secrets() { # FOLDER-OF-THE-LIVE-GENERATION
    local former file first REPLY
    for former in "$state"/generations/*/; do
        former=${former%/}
        ! is_live_generation "$former" || continue
        project_of "$former"
        [[ $REPLY == "$project" ]] || continue
        for file in "$former"/secrets/*; do
            [[ ! -e $file ]] || cmp --silent -- "$file" "$1/secrets/${file##*/}" || is_kept "$file" || rm -f -- "$file"
        done
        # The first format has them where they stood, and nothing says where they came from: there is no way back to it.
        first=''
        [[ ! -e $former/desired.json ]] || IFS= read -r first <"$former/desired.json" || true
        if [[ $first == '{"format":1,' ]] && grep --quiet --fixed-strings '"secrets":["' "$former/desired.json"; then
            rm -f -- "$former/desired.json"
        fi
    done
}

# The record holds what is installed, no more: what was to go has gone. What is damaged in it nobody could read, so it
# stays as it was; `report_owned` of the look tells such lines by the same bytes.
record_owned() {
    cp -- "$work/owned.final" "$state/owned.new"
    if [[ -e $work/owned.before ]]; then
        LC_ALL=C grep --text $'[^\t -~]' -- "$work/owned.before" >>"$state/owned.new" || (($? == 1))
    fi
    sync "$state/owned.new"
    mv --no-target-directory -- "$state/owned.new" "$state/owned"
}
