#!/usr/bin/env bash
# How services return to what was there, on the way back. A part of the script that lib.sh begins; see undo.sh.
# Variables are shared with the other parts, functions are called by them.
# shellcheck disable=SC2034,SC2154,SC2317,SC2329

# Calls a function for every service but Nginx, with what it was. Listeners stand before their apps in the journal, and
# must be there first.
for_each_service() { # FUNCTION
    local line name
    for line in "${noted[@]+"${noted[@]}"}"; do
        [[ $line == was$'\t'service$'\t'* ]] || continue
        line=${line#was$'\t'service$'\t'}
        name=${line%%$'\t'*}
        [[ $name == nginx || $name == nginx.service ]] || attempt "$1" "$name" "${line#"$name"$'\t'}"
    done
}

# What ran runs again, with what was there. Nginx turns to it only then.
services_return() {
    [[ $mode == boot ]] || addresses_return
    for_each_service service_returns
}

service_returns() { # SERVICE active|inactive|absent|unknown
    local app=${1%.*} now
    [[ $2 == @(active|unknown) ]] || return 0
    if [[ $mode == boot ]]; then
        start_with_boot "$1"
        return 0
    fi
    now=$(state_of "$1")
    if [[ $now != active ]]; then
        # A stand-in holds the address that is opened again, as long as one of its workers has a request.
        [[ $1 != *.socket ]] || outwait_stand_in "$app"
        [[ $2 == unknown ]] || start_again "$1"
    else
        acted "$1"
        [[ $REPLY != nothing ]] || ! has_read_anew "$1" || REPLY=reload
        case $REPLY in
            move)
                outwait_stand_in "$app"
                move_listener "$app"
                ;;
            restart)
                stand_in_again "$app"
                restart_service "$1"
                ;;
            reload) "/usr/local/bin/reload-$app" || restart_service "$1" ;;
            other) reload_other "$1" ;;
        esac
        # A way back that is cut and taken up need not disturb it again.
        journal returned "$1" || true
    fi
}

# Whether an app has read what was switched though nothing here made it: somebody else has reloaded or restarted it, or
# a worker that ended was replaced.
has_read_anew() { # SERVICE
    local app=${1%.service} pid switched now REPLY
    [[ $1 != *.socket && -e /usr/local/bin/reload-$app && -e $work/is-switching ]] || return 1
    ! has_noted returned "$1" || return 1
    # In milliseconds since the boot.
    read -r now _ </proc/uptime
    switched=$(stat --format=%.3Y -- "$work/is-switching")
    switched=$((${now/./}0 - $(date +%s%3N) + ${switched/./}))
    for pid in $(processes_of "$app"); do
        start_of "$pid" 2>/dev/null || continue
        ((REPLY * 10 < switched)) || return 0
    done
    return 1
}

nginx_returns() {
    local line was='' now
    for line in "${noted[@]+"${noted[@]}"}"; do
        [[ $line != was$'\t'service$'\t'"$nginx"$'\t'* ]] || was=${line##*$'\t'}
    done
    now=$(state_of "$nginx")
    if [[ $was == inactive ]]; then
        stop_service "$nginx"
    elif [[ $was == active && $now != active ]]; then
        start_again "$nginx"
    elif [[ $now == active && ( -n $was || $damaged != no ) ]]; then
        # Others reload it, too, such as whoever renews certificates: then it may serve what was switched.
        reload_nginx
    fi
}

# What did not run stops, now that Nginx has let go of it.
others_stop() {
    for_each_service other_stops
}

other_stops() { # SERVICE active|inactive|absent|unknown
    [[ $2 == @(active|unknown) ]] || stop_service "$1"
}
