#!/usr/bin/env bash
# A stand-in: a second process of an app, with its new unit and code, that takes requests from the same listener while
# the app's own process ends, starts and imports. Under systemd alone, where the listener is pid 1's.
# Variables are shared with the other parts, functions are called by them.
# shellcheck disable=SC2034,SC2154,SC2317,SC2329

# Starts one where the app serves and its new release has shown that it works, and waits until it serves. Before the
# manager reads its units again: from then on it no longer has the listener of a former address.
begin_stand_in() { # APP
    if ! [[ -e $memory/proven-$1 ]] || ! can_stand_in "$1"; then return 0; fi
    start_stand_in "$1"
}

# On the way back: the one that is there may be of the new code, which serves for a moment more.
stand_in_again() { # APP
    local REPLY
    stand_in_of "$1"
    [[ $(state_of "$REPLY") != active ]] || return 0
    if can_stand_in "$1" && ! start_stand_in "$1"; then end_stand_in "$1"; fi
}

# Its unit. No two changes have one of the same name: what the manager has of a former one would be what it starts.
stand_in_of() { # APP; the answer is in REPLY
    REPLY=provision-stand-in-$generation.$1.service
}

# Whether there is something to stand in for, and room for two.
can_stand_in() { # APP
    local pid size pages=0 word free=0
    [[ $(state_of "$1.socket") == active && $(state_of "$1.service") == active ]] || return 1
    for pid in $(processes_of "$1"); do
        { read -r _ size _ <"/proc/$pid/statm"; } 2>/dev/null || continue
        pages=$((pages + size))
    done
    while read -r word size _; do
        [[ $word != MemAvailable: ]] || free=$size
    done </proc/meminfo
    # Pages of four KiB, as on every machine but a few.
    ((pages * 4 <= free)) || { say alone "$1"; return 1; }
}

start_stand_in() { # APP
    local REPLY unit
    stand_in_of "$1"
    unit=$REPLY
    write_stand_in "$1" >"$units/$unit"
    systemctl start "$unit" || explain "$unit" || return
    await_workers "${unit%.service}" "$1"
    [[ $(state_of "$unit") == active ]] || explain "$unit"
}

# The app's unit and what others have added to it, but for what ties it to its own life.
write_stand_in() { # APP
    local file
    printf '# Serves for the app %s while that restarts.\n' "$1"
    for file in {/etc,/run,/usr/lib}/systemd/system/"$1".service{,.d/*.conf}; do
        [[ ! -f $file ]] || sed "/^Requires=$1\\.socket\$/d" -- "$file"
        printf '\n'
    done
    printf '[Service]\nSockets=%s.socket\nRestart=no\nRuntimeDirectory=\n' "$1"
}

# Waits until every worker of a process calls itself ready. Who has settings that do not say so gets more than the time
# that the new release needed before.
await_workers() { # PROCESS APP
    local took=3 limit pid name calm=0 waiting some
    { read -r took <"$memory/proven-$2"; } 2>/dev/null || true
    limit=$((SECONDS + 2 * took + 3))
    while ((SECONDS < limit && calm < 3)); do
        waiting=no some=no
        master_of "$1"
        for pid in $(children_of "$REPLY"); do
            name=''
            { read -r name <"/proc/$pid/comm"; } 2>/dev/null || true
            some=yes
            [[ $name == serving ]] || waiting=yes
        done
        if [[ $REPLY != 0 && $some$waiting == yesno ]]; then calm=$((calm + 1)); else calm=0; fi
        sleep 0.1
    done
}

# While one stands in, it goes on until the app's own process serves again.
await_app() { # APP
    local REPLY
    stand_in_of "$1"
    [[ ! -e $units/$REPLY ]] || await_workers "$1" "$1"
}

# It finishes the requests that it has; nobody waits for it.
end_stand_in() { # APP
    local REPLY
    stand_in_of "$1"
    [[ ! -e $units/$REPLY ]] || systemctl --no-block stop "$REPLY" || true
}

# It holds the listener as long as one of its workers has a request.
outwait_stand_in() { # APP
    local REPLY
    stand_in_of "$1"
    [[ ! -e $units/$REPLY ]] || systemctl stop "$REPLY" || true
}

# Old workers of Nginx still send to a former address what they have received in full.
dismiss_stand_ins() {
    outwait_nginx
    end_stand_ins
}

# The files of those that have ended go; the others keep theirs, which say how long they may take.
end_stand_ins() {
    local unit
    for unit in "$units"/provision-stand-in-*.service; do
        [[ -e $unit ]] || continue
        systemctl --no-block stop "${unit##*/}" || true
        [[ $(state_of "${unit##*/}") == active ]] || ended_stand_in "${unit##*/}"
    done
}

ended_stand_in() { # UNIT
    [[ $(systemctl show --property=ActiveState -- "$1") == *=@(inactive|failed) ]] || return 0
    systemctl reset-failed "$1" 2>/dev/null || true
    rm -f -- "$units/$1"
}
