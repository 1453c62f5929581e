#!/usr/bin/env bash
# Addresses that go from one app to another: two cannot listen there at once. A part of the script that lib.sh begins.
# Variables are shared with the other parts, functions are called by them.
# shellcheck disable=SC2034,SC2154,SC2317,SC2329

# All of them stop, and those listen at once that take an address: nobody does for a moment only. Where Nginx sends
# there what is meant for another app, it hears of it in between: better no answer than one of the wrong app.
move_listeners() { # SENDERS PARTS...; same or nginx, and each is gives APP, or takes APP
    local senders=$1
    local -a all=() takers=()
    shift
    while (($#)); do
        all+=("$2")
        if [[ $1 == takes ]]; then
            takers+=("$2")
            # Only what is in the journal is undone.
            journal acted take "$2.socket"
        fi
        shift 2
    done
    [[ $senders == same ]] || journal swapped
    close_listeners "${all[@]}"
    [[ $senders == same ]] || tell_nginx
    open_listeners "${takers[@]}"
}

tell_nginx() {
    local now
    now=$(state_of "$nginx")
    [[ $now != active ]] || act nginx "$nginx"
}

# On the way back the addresses are free before those listen there again that did.
addresses_return() {
    local line name
    for line in "${noted[@]+"${noted[@]}"}"; do
        [[ $line == acted$'\t'take$'\t'* ]] || continue
        name=${line##*$'\t'}
        attempt stop_service "${name%.socket}.service"
        attempt stop_service "$name"
    done
    ! has_noted swapped || attempt tell_nginx
}
