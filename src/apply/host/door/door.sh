#!/usr/bin/env bash
# What a controller can ask for: a new transaction, the end of one that was cut, a reload. A part of the script that
# lib.sh begins.
# Variables are shared with the other parts, functions are called by them.
# shellcheck disable=SC2034,SC2154,SC2317,SC2329

# A new transaction.
hand_over() { # WHO SECONDS-TO-WAIT BYTES ATTEMPTS-SEEN
    local log number=0 last=0
    take_locks "$1" "$2"
    if [[ -d $transaction ]]; then
        say unfinished
        ended=yes
        exit 0
    fi
    last_attempt
    if ((last != $4)); then
        say stale
        ended=yes
        exit 0
    fi
    point door:locked
    receive "$3"
    number_attempt
    log=$state/generations/$number/log
    : >"$log"
    say received
    point door:received
    listen "$number" <&0 >/dev/null 2>&1 3>&- 8>&- 9>&- &
    listener=$!
    exec </dev/null 8>&-
    if ! start; then
        abandon
    fi
    point door:started
    exec 8>>"$state/running"
    follow "$log" 0
}

# The transaction never began: nothing has changed, and nothing of it stays.
abandon() {
    exec 8>>"$state/running"
    flock --nonblock 8 || return 0
    mv --no-target-directory -- "$transaction" "$transaction.closed"
    rm -rf -- "$transaction.closed" "$state/generations/$number"
    drop_units || true
    say failed 0 1 "$(encoded "$complaint")"
    say ended refused "$number"
    ended=yes
    exit 0
}

# A transaction that was cut, and that nobody has taken up: its own journal says whether it is undone or finished.
take_up() { # WHO SECONDS-TO-WAIT
    local log number size
    take_locks "$1" "$2"
    if [[ ! -d $transaction ]]; then
        say ended none 0
        ended=yes
        exit 0
    fi
    number=$(<"$transaction/generation")
    log=$state/generations/$number/log
    listen "$number" <&0 >/dev/null 2>&1 3>&- 8>&- 9>&- &
    listener=$!
    exec </dev/null 8>&-
    : >>"$log"
    size=$(stat --format=%s -- "$log")
    # If it never began, its plan is out of date by now.
    : >"$transaction/cut"
    start
    exec 8>>"$state/running"
    follow "$log" "$size"
}

# Reloads apps by their own scripts, which prove it. No change of the host may come in between.
reload_apps() { # WHO SECONDS-TO-WAIT APP...
    local app
    take_locks "$1" "$2"
    shift 2
    ended=yes
    if [[ -d $transaction ]]; then
        say unfinished
        exit 0
    fi
    for app in "$@"; do
        if [[ ! -x /usr/local/bin/reload-$app ]]; then
            printf '%s is not installed on this host yet; provision up installs it\n' "$app"
            exit 0
        fi
    done
    for app in "$@"; do
        "/usr/local/bin/reload-$app" 2>&1 8>&- 9>&-
    done
    say reloaded
}
