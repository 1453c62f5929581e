#!/usr/bin/env bash
# Notes what is there before anything is touched, and brings exactly that back. A part of the script that transaction.sh
# begins.
#
# Everything here can be cut and done again: what is back already stays as it is.
# shellcheck disable=SC2034,SC2154,SC2317,SC2329  # variables are set by transaction.sh, functions called by the steps

# Where the coming and the former content of a path lie: beside it, so that one rename brings either in, even on a full
# disk. Programs that read whole folders pass over names like these.
new_name() { # PATH; the answer is in REPLY
    REPLY=${1%/*}/.${1##*/}.provision.dpkg-new
    # gunicorn grumbles about settings whose name does not end in .py.
    [[ $1 != *.py ]] || REPLY+=.py
}

old_name() { # PATH; the answer is in REPLY
    REPLY=${1%/*}/.${1##*/}.provision.dpkg-old
}

exists() { # PATH
    [[ -e $1 || -L $1 ]]
}

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
            user)
                if getent passwd "$name" >/dev/null; then more=present; else more=absent; fi
                journal was user "$name" "$more"
                ;;
            release)
                if [[ -e $name/.provision-release ]]; then more=present; else more=absent; fi
                journal was release "$name" "$more"
                ;;
            service)
                [[ ! -e $state/loaded/$name ]] || cp --archive -- "$state/loaded/$name" "$work/loaded/$name"
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
    sync "$work/journal" "$work"
}

# `active`, `inactive`, or `absent` for what has no definition.
state_of() { # SERVICE
    local line answer
    if on_systemd; then
        answer=$(systemctl show --property=LoadState,ActiveState -- "$1" 2>&1) || true
        case $answer in
            *LoadState=not-found*) printf 'absent' ;;
            # One that crashes and is started again and again is meant to run.
            *ActiveState=active* | *ActiveState=reloading* | *ActiveState=activating*) printf 'active' ;;
            *ActiveState=*) printf 'inactive' ;;
            *)
                printf 'systemd does not say how %s is: %s\n' "$1" "$answer" >&2
                return 1
                ;;
        esac
    else
        line=$(/sbin/initctl status "$1" 2>/dev/null) || { printf 'absent'; return 0; }
        if [[ $line == *start/running* ]]; then printf 'active'; else printf 'inactive'; fi
    fi
}

# Keeps what is live at a path until the end. A second name for the same file costs no space.
keep() { # PATH
    exists "$1" || return 0
    # This transaction made it.
    ! grep --quiet --fixed-strings --line-regexp "made"$'\t'"$1" "$work/journal" || return 0
    old_name "$1"
    rm -f -- "$REPLY"
    ln --physical -- "$1" "$REPLY" 2>/dev/null && return 0
    # Where the file system has no hard links.
    cp --archive --no-dereference -- "$1" "$REPLY.half"
    sync --file-system "${1%/*}"
    mv --no-target-directory -- "$REPLY.half" "$REPLY"
}

# Everything in the reverse of its order. Each part is tried, whatever became of the one before; the next run tries
# again what failed.
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
    point "before:undo:$1"
    say undo "$2"
    # Not as a condition: there bash would go on after a command that failed.
    (
        set -Eeuo pipefail
        missed=no
        "$4"
        [[ $missed == no ]]
    ) >"$work/undo" 2>&1 8>&-
    # shellcheck disable=SC2181
    if (($? != 0)); then
        # Only files and records keep the journal: a service that does not return is the next plan's business.
        case $1 in files | prepared | record) undone=no ;; esac
        if [[ $1 == verify ]]; then
            say unwell "$(told "$work/undo" 40 | base64 --wrap=0)"
        else
            say undo-failed "$2" "$(told "$work/undo" 40 | base64 --wrap=0)"
        fi
    fi
}

# Goes on after what fails, for the rest can be brought back all the same, and notes that something did.
missed=no
attempt() { # FUNCTION WORD...
    local code
    # Not as a condition, for the same reason.
    set +e
    (
        set -e
        "$@"
    )
    code=$?
    set -e
    ((code == 0)) || missed=yes
}

# Calls a function for every line of the journal that notes one kind, the last one first.
for_each() { # KIND FUNCTION
    local what kind name more
    while IFS=$'\t' read -r what kind name more; do
        [[ $what != was || $kind != "$1" ]] || attempt "$2" "$name" "$more"
    done < <(tac -- "$work/journal")
}

restore_path() { # PATH present|absent
    old_name "$1"
    # What was absent and is kept all the same came with a package that stays.
    if exists "$REPLY"; then
        [[ $2 != absent ]] || journal back "$1"
        # Of two names of one file, or of one link, a rename would leave both.
        if [[ $(stat --format=%d:%i -- "$1" 2>/dev/null) == "$(stat --format=%d:%i -- "$REPLY")" ]]; then
            rm -f -- "$REPLY"
        else
            mv --no-target-directory --force -- "$REPLY" "$1"
        fi
    elif [[ $2 == absent ]] && ! grep --quiet --fixed-strings --line-regexp "back"$'\t'"$1" "$work/journal"; then
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

drop_wants() { # SERVICE active|inactive|absent
    local link
    # It came with a package, which stays and starts it at boot.
    [[ $1 != nginx.service || $2 != absent ]] || return 0
    for link in /etc/systemd/system/*.wants/"$1"; do
        [[ ! -L $link ]] || grep --quiet --fixed-strings --line-regexp "was"$'\t'"wants"$'\t'"$link"$'\t'"$(readlink -- "$link")" "$work/journal" || rm -f -- "$link"
    done
}

restore_files() {
    # Deepest first on the way back, so that a folder is there before what lies in it.
    for_each path restore_path
    for_each directory restore_directory
    for_each service drop_wants
    for_each wants restore_wants
    sync_everything
}

read_units_again() {
    reload_manager
}

# What a service did in this transaction, if anything.
acted() { # SERVICE; the answer is in REPLY
    local what kind name
    REPLY=nothing
    while IFS=$'\t' read -r what kind name; do
        case $what in
            # Started where it ran already, it was only enabled.
            acted) [[ $name != "$1" || ($kind == start && $REPLY != nothing) ]] || REPLY=$kind ;;
            returned) [[ $kind != "$1" ]] || REPLY=nothing ;;
        esac
    done <"$work/journal"
}

# Calls a function for every service but Nginx, with what it was. Listeners stand before their apps in the journal, and
# must be there first.
for_each_service() { # FUNCTION
    local what kind name more
    while IFS=$'\t' read -r what kind name more; do
        [[ $what == was && $kind == service && $name != nginx && $name != nginx.service ]] || continue
        attempt "$1" "$name" "$more"
    done < <(cat -- "$work/journal")
}

# What ran runs again, with what was there. Nginx turns to it only then.
services_return() {
    for_each_service service_returns
}

service_returns() { # SERVICE active|inactive|absent
    local app=${1%.*} now
    [[ $2 == active ]] || return 0
    if [[ $mode == boot ]]; then
        start_with_boot "$1"
        return 0
    fi
    now=$(state_of "$1")
    if [[ $now != active ]]; then
        start_again "$1"
    else
        acted "$1"
        case $REPLY in
            move) move_listener "$app" ;;
            restart) restart_service "$1" ;;
            reload) "/usr/local/bin/reload-$app" || restart_service "$1" ;;
            other) reload_other "$1" ;;
        esac
        # A way back that is cut and taken up need not disturb it again.
        journal returned "$1" || true
    fi
}

# What this boot starts was decided before the link was back that asks for a service. Nothing is waited for: it starts
# once this has ended.
start_with_boot() { # SERVICE
    ! on_systemd || ! systemctl --quiet is-enabled "$1" || systemctl --no-block start "$1"
}

nginx_returns() {
    local name=nginx line was='' now
    ! on_systemd || name=nginx.service
    while IFS= read -r line; do
        [[ $line != was$'\t'service$'\t'$name$'\t'* ]] || was=${line##*$'\t'}
    done <"$work/journal"
    now=$(state_of "$name")
    if [[ $was == inactive ]]; then
        stop_service "$name"
    elif [[ $was == active && $now != active ]]; then
        start_again "$name"
    elif [[ $now == active ]]; then
        acted "$name"
        [[ $REPLY == nothing ]] || reload_nginx
    fi
}

# What did not run stops, now that Nginx has let go of it.
others_stop() {
    for_each_service other_stops
}

other_stops() { # SERVICE active|inactive|absent
    [[ $2 == active ]] || stop_service "$1"
}

# Whether it starts at boot is a matter of links, which are back already.
start_again() { # SERVICE
    if on_systemd; then
        systemctl reset-failed "$1" 2>/dev/null || true
        systemctl start "$1" || explain "$1"
    else
        /sbin/initctl start "$1"
    fi
}

stop_service() { # SERVICE
    if on_systemd; then
        systemctl stop "$1" 2>/dev/null || [[ $(state_of "$1") == @(inactive|absent) ]]
        systemctl reset-failed "$1" 2>/dev/null || true
    elif [[ $(/sbin/initctl status "$1" 2>/dev/null) == *start/running* ]]; then
        /sbin/initctl stop "$1"
    fi
}

# The notes on what processes loaded were dropped before the switch. What runs now has the former content again.
restore_note() { # SERVICE
    local restart reload
    rm -f -- "$state/loaded/$1"
    [[ -e $work/loaded/$1 ]] || return 0
    if [[ $mode == boot ]]; then
        cp --archive -- "$work/loaded/$1" "$state/loaded/$1"
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
    local checks=$state/generation/checks.json
    [[ -e $checks ]] || return 0
    run_python health.py "$checks" "$memory/unhealthy"
}

drop_staged() { # PATH
    new_name "$1"
    rm -rf -- "$REPLY"
    old_name "$1"
    rm -rf -- "$REPLY.half"
}

# The links that first releases were checked with.
drop_made() {
    local what path
    while IFS=$'\t' read -r what path; do
        [[ $what != made ]] || rm -f -- "$path"
    done <"$work/journal"
}

drop_release() { # FOLDER present|absent
    local app
    [[ $2 == absent ]] || return 0
    rm -rf -- "$1"
    app=${1#/srv/}
    rm -f -- "$state/python/${app%%/*}@${1##*/}"
}

drop_directory() { # PATH absent|MODE-OWNER:GROUP
    [[ $2 == absent && -d $1 ]] || return 0
    # What an app left in it, such as a log, is worth more than a tidy host.
    run_python folder.py remove "$1" 2>/dev/null || printf 'directory\t%s\n' "$1" >>"$work/owned.kept"
    local app=${1#/srv/}
    [[ $1 != /srv/* || $app == */* ]] || rm -rf -- "$state/git/$app" "$state/python/$app"
}

drop_user() { # NAME present|absent
    local kept=''
    [[ $2 == absent ]] && getent passwd "$1" >/dev/null || return 0
    # A user goes only when nothing of its own stays.
    if [[ -e $work/owned.kept ]]; then
        kept=$(sed -n 's/^directory\t//p' "$work/owned.kept" | xargs --delimiter='\n' -I '{}' find '{}' -user "$1" -print -quit)
    fi
    if [[ -n $kept ]]; then
        printf 'user\t%s\n' "$1" >>"$work/owned.kept"
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
    for_each directory drop_directory
    for_each user drop_user
}

restore_owned() {
    if [[ -e $work/owned.kept ]]; then
        [[ ! -e $work/owned.before ]] || cat -- "$work/owned.before" >>"$work/owned.kept"
        sort -u -- "$work/owned.kept" >"$state/owned.new"
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
