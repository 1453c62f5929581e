#!/usr/bin/env bash
# Hands a transaction over to this host: takes the lock and the payload, lets pid 1 run it, and tells the controller
# what happens.
#
# Nothing live depends on this script: it may be killed, and its connection cut, at any moment. Before the payload is
# whole nothing has changed; afterwards the transaction belongs to pid 1, which starts it again should it be killed.
# Here is what several parts need; provision puts them together with systemd.sh or upstart.sh.
# Variables are shared with the other parts, functions are called by them.
# shellcheck disable=SC2034,SC2154,SC2317,SC2329

set -Eeuo pipefail
export LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin
umask 077
cd /
state=/var/lib/provision
incoming=$state/incoming
transaction=$state/transaction
# A controller that sends nothing for this long is gone, and must not keep the lock, in seconds.
patience=30
ended=no
receiving=no # what lies in `incoming` is ours
listener='' # the process that hears what the controller says
complaint='' # of the program that failed
exec 3>&1
trap '' HUP PIPE
trap close_door EXIT

# One line of tab-separated fields to the controller, if it still listens. What is on its way to pid 1 gets there if
# not.
say() { # FIELD...
    local IFS=$'\t'
    printf '%s\n' "$*" >&3 2>/dev/null || true
}

# Through a pipe: old Bash keeps a here-string in a file, for which a full disk has no room.
encoded() { # TEXT
    printf '%s\n' "$1" | base64 --wrap=0
}

# Says why nothing was changed. An end that nobody foresaw is told as well.
close_door() {
    local code=$?
    [[ $ended == yes ]] || say failed 0 "$code" "$(encoded "$complaint")"
    # Another run may be sending its own payload by now.
    [[ $receiving != yes ]] || rm -rf -- "$incoming" 2>/dev/null
}

# Runs a program, and keeps what it says for the case that it fails.
try() { # COMMAND...
    complaint=$("$@" 2>&1 9>&- 8>&-)
}

# Stands still here for the tests, which then cut something; once in a transaction.
point() { # KEY
    [[ ${pause_at-} == "$1" ]] || return 0
    say paused "$1"
    until [[ -e $state/resume ]]; do
        sleep 0.05
    done
}

open_locks() {
    : 8>>"$state/running" 9>>"$state/lock"
}

# Two locks, both held by processes and therefore never left behind. `lock` is held while a controller hands over,
# `running` by the transaction itself, so a newcomer needs both.
take_locks() { # WHO SECONDS-TO-WAIT
    local descriptor holder deadline=$((SECONDS + $2)) waiting=no what=change
    [[ -d $state ]] || try mkdir --parents -m 0700 -- "$state"
    # What cannot be opened says so, and why.
    try open_locks
    exec 8>>"$state/running" 9>>"$state/lock"
    if [[ -n ${end_probation-} && -e $transaction/is-probation ]]; then
        # It ends within a moment, in that way.
        : >"$transaction/$end_probation"
        ((deadline > SECONDS + 60)) || deadline=$((SECONDS + 60))
    fi
    for descriptor in 9 8; do
        ! flock --nonblock "$descriptor" || continue
        holder=$(<"$state/lock")
        if ((SECONDS < deadline)); then
            [[ $waiting == yes ]] || say waiting "a change is in progress: ${holder:-it has not signed the lock yet}"
            waiting=yes
            ! flock --timeout $((deadline - SECONDS)) "$descriptor" || continue
            holder=$(<"$state/lock")
        fi
        [[ ! -e $transaction/until ]] || what=probation
        say locked "$(encoded "$holder")" "$what"
        ended=yes
        exit 6
    done
    # On a full disk the lock holds without a signature.
    printf '%s, since %s\n' "$1" "$(date -u '+%F %T UTC')" 2>/dev/null >"$state/lock" || true
}

# A command to the service manager, which may be too busy to answer, or hang.
ask_pid_1() { # COMMAND...
    local code=0
    try timeout "$patience" "$@" || code=$?
    ((code != 124)) || complaint="the service manager, pid 1, did not answer \`$*\` within $patience seconds"
    return "$code"
}
