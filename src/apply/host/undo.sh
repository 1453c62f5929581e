#!/usr/bin/env bash
# The way back: brings back exactly what note.sh has noted. A part of the script that lib.sh begins.
#
# Everything here can be cut and done again: what is back already stays as it is.
# Variables are shared with the other parts, functions are called by them.
# shellcheck disable=SC2034,SC2154,SC2317,SC2329

# Everything in the reverse of its order. Each part is tried, whatever became of the one before, and again if it failed;
# the next run, or the next boot, tries again what could not be brought back.
undo() {
    # Before the switch nothing that anybody notices has to go back.
    [[ $reached != switching ]] || say undoing
    undo_steps
}

# One step of the way back. Before the switch only what was prepared has to go; at boot no service runs yet, and one
# that was waited for would wait for this.
retreat() { # KEY TITLE always|switched|running FUNCTION
    [[ $3 == always || $reached == switching ]] || return 0
    [[ $3 != running || $mode != boot ]] || return 0
    # What is still in use must not be taken away from under it.
    [[ $undone == yes || ($1 != prepared && $1 != record) ]] || return 0
    local tries=0 code=1
    point "before:undo:$1"
    say undo "$2"
    until ((code == 0)); do
        # Not as a condition: there bash would go on after a command that failed.
        (
            set -Eeuo pipefail
            # For this process alone.
            # shellcheck disable=SC2030
            missed=no
            "$4"
            [[ $missed == no ]]
        ) >"$work/undo" 2>&1 8>&-
        code=$?
        tries=$((tries + 1))
        is_worth_another_try "$1" "$code" "$tries" || break
        # What it has noted meanwhile.
        read_journal
    done
    ((code != 0)) || return 0
    # Only files and records keep the journal: a service that does not return is the next plan's business.
    case $1 in files | prepared | record) undone=no ;; esac
    if [[ $1 == verify ]]; then
        say unwell "$(told "$work/undo" 40 | base64 --wrap=0)"
    else
        say undo-failed "$2" "$(told "$work/undo" 40 | base64 --wrap=0)"
    fi
}

# What was killed says nothing about the host. What failed may have met something that passes; apps are asked with
# patience of their own.
is_worth_another_try() { # KEY EXIT-CODE TRIES
    if (($2 >= 128)); then
        (($3 < 10))
    elif (($2 != 0)) && [[ $1 != verify ]]; then
        (($3 < 3)) && sleep 0.5
    else
        return 1
    fi
}

restore_path() { # PATH present|absent|unknown
    local live=none former
    old_name "$1"
    # What was absent and is kept all the same came with a package that stays.
    if exists "$REPLY"; then
        [[ $2 != absent ]] || journal back "$1"
        former=$(stat --format=%d:%i -- "$REPLY")
        ! exists "$1" || live=$(stat --format=%d:%i -- "$1")
        # Of two names of one file, or of one link, a rename would leave both. What is the same need not be renamed.
        if [[ $live == "$former" ]] || is_same "$REPLY" "$1"; then
            rm -f -- "$REPLY"
        else
            mv --no-target-directory --force -- "$REPLY" "$1"
        fi
    elif [[ $2 == absent ]] && ! has_noted back "$1"; then
        rm -f -- "$1"
    fi
}

restore_directory() { # PATH absent|MODE-OWNER:GROUP
    local owner=${2#* } code=0
    [[ $2 != absent && -d $1 ]] || return 0
    run_python folder.py put "${2%% *}" "${owner%%:*}" "${owner#*:}" "$1" || code=$?
    # An app that has put a link where a folder of its own was must not keep the host from coming to rest: the next plan
    # sees it.
    ((code == 0 || code == 3))
}

# Links that start a service at boot.
restore_wants() { # LINK TO
    [[ -L $1 ]] || ln -s -- "$2" "$1"
}

drop_wants() { # SERVICE active|inactive|absent|unknown
    local link
    # Which links there were is not known either.
    [[ $damaged != all ]] || return 0
    # It came with a package, which stays and starts it at boot.
    [[ $1 != nginx.service || $2 != absent ]] || return 0
    for link in /etc/systemd/system/*.wants/"$1"; do
        [[ -L $link ]] || continue
        REPLY=$(readlink -- "$link")
        has_noted was wants "$link" "$REPLY" || rm -f -- "$link"
    done
}

restore_files() {
    # Deepest first on the way back, so that a folder is there before what lies in it.
    for_each path restore_path
    for_each directory restore_directory
    for_each log restore_log
    for_each service drop_wants
    for_each wants restore_wants
    sync_everything
}

# The notes on what processes loaded were dropped before the switch. What runs now has the former content again.
restore_note() { # SERVICE
    local restart reload
    forget "$1"
    [[ -e $work/loaded/$1 ]] || return 0
    if [[ $mode == boot ]]; then
        # What runs already, although this comes first, may have read what was switched.
        [[ $(state_of "$1") == active ]] || cp --archive -- "$work/loaded/$1" "$state/loaded/$1$own"
    else
        read -r _ _ restart reload _ <"$work/loaded/$1"
        remember "$1" "$restart" "$reload"
    fi
}

restore_notes() {
    for_each service restore_note
}

# The apps of the generation that is live again, by its own checks.
former_apps_answer() {
    local checks=$state/generation$own/checks.json app code=0
    [[ -e $checks ]] || return 0
    run_python health.py "$checks" "$memory/unhealthy" || code=$?
    # Killed, it has not said who is unhealthy.
    ((code < 128)) || return "$code"
    # Whatever they have loaded, it does not work: the next look must not find them in sync.
    while IFS= read -r app; do
        forget "$app.service"
        forget "$app"
    done <"$memory/unhealthy"
    return "$code"
}

drop_staged() { # PATH
    new_name "$1"
    rm -rf -- "$REPLY"
    old_name "$1"
    rm -rf -- "$REPLY.half"
}

# The links that first releases were checked with.
drop_made() {
    local line
    for line in "${noted[@]+"${noted[@]}"}"; do
        [[ $line != made$'\t'* ]] || rm -f -- "${line#*$'\t'}"
    done
}

drop_release() { # FOLDER present|absent
    local app
    rm -rf -- "${1%/*}/.${1##*/}.provision-new"
    [[ $2 == absent ]] || return 0
    rm -rf -- "$1"
    app=${1#/srv/} app=${app%%/*}
    rm -f -- "$state/python/$app@${1##*/}"
    # The link that it was checked with, where the journal has lost that.
    [[ $(readlink -- "/srv/$app/current") != "$1" ]] || rm -f -- "/srv/$app/current"
}

drop_directory() { # PATH absent|MODE-OWNER:GROUP
    [[ $2 == absent && -d $1 ]] || return 0
    # What an app left in it, such as a log, is worth more than a tidy host.
    unless_killed run_python folder.py remove "$1" 2>/dev/null
    [[ ! -d $1 ]] || stays_owned directory "$1"
    local app=${1#/srv/}
    [[ $1 != /srv/* || $app == */* ]] || rm -rf -- "$state/git/$app" "$state/python/$app"
}

# A listener that has stopped leaves it behind.
drop_socket() { # PATH present|absent
    [[ $2 != absent ]] || remove_socket "$1"
}

drop_user() { # NAME present|absent
    local kept=''
    [[ $2 == absent ]] || return 0
    drop_locks_of_users
    is_user "$1" || return 0
    # A user goes only when nothing of its own stays.
    if [[ -e $work/owned.kept ]]; then
        kept=$(sed -n $'s/^directory\t\\([^\t]*\\).*/\\1/p' "$work/owned.kept" |
            xargs --delimiter='\n' -I '{}' find '{}' -user "$1" -print -quit)
    fi
    if [[ -n $kept ]]; then
        stays_owned user "$1"
    else
        remove_user "$1"
    fi
}

drop_prepared() {
    rm -f -- "$work/owned.kept"
    close_workshop
    for_each path drop_staged
    drop_made
    for_each release drop_release
    for_each socket drop_socket
    for_each directory drop_directory
    for_each user drop_user
}

restore_owned() {
    # What stays here is ours, whatever the journal has lost: the next run removes what nobody asks for.
    [[ $damaged != all ]] || return 0
    if [[ -e $work/owned.kept ]]; then
        [[ ! -e $work/owned.before ]] || cat -- "$work/owned.before" >>"$work/owned.kept"
        LC_ALL=C sort -u -- "$work/owned.kept" >"$state/owned.new"
        sync "$state/owned.new"
        mv --no-target-directory -- "$state/owned.new" "$state/owned"
    elif [[ -e $work/owned.before ]]; then
        cp --archive -- "$work/owned.before" "$state/owned.new"
        sync "$state/owned.new"
        mv --no-target-directory -- "$state/owned.new" "$state/owned"
    else
        for_each owned drop_owned
    fi
}

drop_owned() { # PATH
    rm -f -- "$1"
}
