#!/usr/bin/env bash
# What programs printed, as far as the operator needs it: the end, without secrets and without requests. A part of the
# script that lib.sh begins.
# Variables are shared with the other parts, functions are called by them.
# shellcheck disable=SC2034,SC2154,SC2317,SC2329

# The one line of a complaint that says most: what a traceback ends with, what apt calls an error, or how it begins.
# Apps print what they like, of any length.
summary() {
    told "$output" 1000 >"$memory/told"
    telling_lines | head --bytes=2000 | tr '\t' ' '
}

telling_lines() {
    grep --max-count=1 -E '^E: ' "$memory/told" 2>/dev/null ||
        grep -E '^[A-Za-z_.]+(Error|Exception|Exit)(:|$)' "$memory/told" 2>/dev/null | tail -n 1 | grep . ||
        sed -n '/^$/q; p' "$memory/told" 2>/dev/null | head -n 2
}

evidence() {
    told "$output" 80 | base64 --wrap=0
}

# The end of what a program printed, without secrets. It is cut to its length after that: half a secret would not be
# known for one.
told() { # FILE LINES
    tail --bytes=262144 -- "$1" 2>/dev/null | conceal | tail --lines="$2" | tail --bytes=65536
}

# Takes out the secrets of what is coming, and of what was live before. Without Python no app has run, and no program
# knows one.
conceal() {
    if ! command -v python3 >/dev/null; then
        cat
        return 0
    fi
    run_python mask.py "$work/secrets/mask.json" "$state/generation$own/secrets/mask.json" 2>/dev/null ||
        printf 'what was printed cannot be shown: mask.py could not take the secrets out\n'
}

# The last lines of a log without requests, ours or others', which would push out what matters.
requests_apart() {
    grep -aEv '"[A-Z]+ [^"]* HTTP/[0-9.]+" [0-9]{3} ' | tail -c 65536 | tail -n 30
}

# Who holds the ports that a complaint says are taken.
show_holders() { # COMPLAINT
    local port
    command -v ss >/dev/null || return 0
    printf '%s\n' "$1" | sed -nE 's/.*:([0-9]+)[^0-9].*Address already in use.*/\1/p' | sort -u | while read -r port; do
        ss -tlnp "sport = :$port" |
            sed -nE "s/.*users:\\(\\(\"([^\"]+)\",pid=([0-9]+).*/port $port is held by \\1, process \\2/p" |
            sort -u
    done
}
