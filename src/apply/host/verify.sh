#!/usr/bin/env bash
# Asks every app whether it works, and records what is installed. A part of the script that transaction.sh begins.
# shellcheck disable=SC2154,SC2317,SC2329  # variables are set by transaction.sh, functions called by the steps

# The last lines of a log without our own requests, which would push out what matters.
own_requests_apart() {
    grep -v '"provision"$' | tail -n 30
}

check_health() {
    local code=0 app
    python3 "$work/health.py" "$work/checks.json" "$work/unhealthy" || code=$?
    ((code)) || return 0
    while read -r app; do
        printf '\nthe last log lines of %s:\n' "$app"
        if on_systemd; then
            journalctl --no-pager --quiet --lines=100 --output=cat --unit="$app.service" | own_requests_apart || true
        else
            own_requests_apart <"/var/log/upstart/$app.log" || true
        fi
    done <"$work/unhealthy"
    return "$code"
}

commit() {
    sync "$work/owned.final"
    mv --no-target-directory -- "$work/owned.final" "$state/owned"
}

# Keeps the newest releases, and always the live one.
prune_releases() { # APP KEEP
    local live folder kept=0
    live=$(readlink "/srv/$1/current")
    while IFS= read -r folder; do
        kept=$((kept + 1))
        ((kept <= $2)) || [[ $folder == "$live" ]] || rm -rf -- "$folder" "$state/python/$1@${folder##*/}"
    done < <(releases_of "$1")
}
