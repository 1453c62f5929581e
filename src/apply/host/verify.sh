#!/usr/bin/env bash
# Asks every app whether it works, and records what is installed. A part of the script that lib.sh begins.
# Variables are shared with the other parts, functions are called by them.
# shellcheck disable=SC2034,SC2154,SC2317,SC2329

# A worker that answers and ends soon after is replaced by another, again and again. A reload looks at that by itself;
# here are the apps that were started or restarted. Of units only a service has a process, its own or its listener's:
# what starts others has none that could stay.
apps_stay() { # FILE-FOR-THOSE-THAT-DO-NOT
    local line name app look pid all=yes
    local -A workers=()
    for line in "${noted[@]+"${noted[@]}"}"; do
        name=${line##*$'\t'}
        [[ $line == acted$'\t'@(start|restart|move|take)$'\t'* && $name != @(nginx|nginx.service) ]] || continue
        [[ $name == *.* && $name != *.@(service|socket) ]] || workers[${name%.*}]=''
    done
    ((${#workers[@]})) || return 0
    # What dies once may have been unlucky.
    for look in 1 2 3; do
        for app in "${!workers[@]}"; do
            workers[$app]=$(processes_of "$app")
        done
        sleep 1.5
        all=yes
        : >"$1"
        for app in "${!workers[@]}"; do
            for pid in ${workers[$app]:-none}; do
                [[ ! -e /proc/$pid ]] || continue
                all=no
                printf '%s\n' "$app" >>"$1"
                ((look < 3)) || printf '%s: its workers end within moments of their start, again and again\n' "$app"
                break
            done
        done
        [[ $all == no ]] || return 0
    done
    return 1
}

# The ids of an app's main process and its workers.
processes_of() { # APP
    master_of "$1"
    ((REPLY)) || return 0
    printf '%s%s' "$REPLY" "$(children_of "$REPLY")"
}

check_health() {
    local code=0 app
    run_python health.py "$work/checks.json" "$memory/unhealthy" unless "$memory/watched.failed" || code=$?
    # The watch over the sites has seen enough, and is judged next.
    [[ ! -e $memory/watched.failed ]] || return 0
    ((code)) || apps_stay "$memory/unhealthy" || code=$?
    ((code)) || return 0
    while read -r app; do
        printf '\nthe last log lines of %s:\n' "$app"
        log_of "$app" | requests_apart || true
    done <"$memory/unhealthy"
    return "$code"
}

# Everything that serves is new and works. From here on a cut is finished, no longer undone.
commit() {
    reach committed
}

# Asks every site without a pause for as long as the transaction lasts, where that was asked for.
start_watch() {
    # Not through the function: the process itself is to be a child of this one.
    python3 -I -S -B -W ignore "$work/watch.py" "$work/checks.json" "$memory/watched" "$work/phase" \
        >/dev/null 2>&1 3>&- 8>&- &
    printf '%s\n' "$!" >"$work/watch.pid"
    # What is usual here, to compare with.
    sleep 1
}

stop_watch() {
    local pid
    [[ -e $work/watch.pid ]] || return 0
    pid=$(<"$work/watch.pid")
    printf 'end\n' >>"$work/phase"
    for _ in {1..400}; do
        [[ ! -e $memory/watched ]] || break
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.05
    done
    kill "$pid" 2>/dev/null
    rm -f -- "$work/watch.pid"
}

# What the watch saw. What a server answered may quote a secret.
as_seen() { # FILE
    if grep --quiet '"first_failure": null' "$1"; then cat -- "$1"; else conceal <"$1"; fi
}

# One request that failed since the switch began is one too many.
judge_watch() {
    stop_watch || true
    [[ -e $memory/watched ]] || fail 'the watch over the sites ended early'
    say watched "$(as_seen "$memory/watched" | base64 --wrap=0)"
    run_python -c '
import json, sys
with open(sys.argv[1]) as file:
    seen = json.load(file)
if seen["failures"]:
    sys.exit("{failures} of {requests_during} requests failed while the host was switched; "
             "the first: {first_failure}".format(**seen))
' "$memory/watched"
}
