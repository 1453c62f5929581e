#!/usr/bin/env bash
# Lets processes take up what was switched, and remembers what they loaded. A part of the script that lib.sh begins.
# Variables are shared with the other parts, functions are called by them.
# shellcheck disable=SC2034,SC2154,SC2317,SC2329

# What a service loaded is unknown from here until it is remembered: a run cut in between makes the next one reload.
forget() { # SERVICE
    rm -f -- "$state/loaded/$1$own"
}

remember() { # SERVICE RESTART RELOAD
    mkdir -p -- "$state/loaded"
    process_of "$1"
    printf '%s %s %s %s format=2\n' "$REPLY" "$(date +%s.%N)" "$2" "$3" >"$state/loaded/.$1"
    mv --no-target-directory -- "$state/loaded/.$1" "$state/loaded/$1$own"
}

# What a process is made to do is in the journal first: only then is it undone, should that be needed.
act() { # ACT SERVICE
    journal acted "$1" "$2"
    case $1 in
        start) start_service "$2" ;;
        restart) restart_service "$2" ;;
        reload) "/usr/local/bin/reload-${2%.service}" ;;
        nginx) reload_nginx ;;
        other) reload_other "$2" ;;
        move) move_listener "${2%.socket}" ;;
        stop) outwait_nginx && stop_for_good "$2" ;;
    esac
}

# The end of a log that workers of Nginx could replace: of a link, a pipe or an endless file nothing harmful is read.
read_log() { # LOG BYTES-TO-SKIP
    dd if="$1" iflag=nofollow,nonblock,skip_bytes bs=64K skip="$2" count=64 2>/dev/null
}

# Believes a reload only when new workers run: Nginx answers 0 and keeps the old configuration when it cannot listen.
# Old workers take requests for another moment; they have stopped when they are gone or their title says so.
reload_nginx() {
    local master='' before deadline=$((SECONDS + 10)) log=/var/log/nginx/error.log seen=0 worker title fresh stale
    local complaints='' last='' quiet=0
    read -r master </run/nginx.pid || true
    [[ -n $master ]] || fail 'nginx does not run: /run/nginx.pid cannot be read or is empty'
    before=" $(children_of "$master") "
    [[ ! -e $log ]] || seen=$(stat -c %s "$log")
    timeout --kill-after=5 60 nginx -s reload
    while ((SECONDS < deadline)); do
        fresh=no stale=no
        for worker in $(children_of "$master"); do
            if [[ $before != *" $worker "* ]]; then
                fresh=yes
            else
                title=$(tr '\0' ' ' 2>/dev/null <"/proc/$worker/cmdline") || title='is shutting down'
                [[ $title == *'is shutting down'* ]] || stale=yes
            fi
        done
        [[ $fresh$stale != yesno ]] || return 0
        # Nginx tries again to listen, twice a second. It is done with this reload, and ready for another, once it is
        # silent.
        complaints=$(read_log "$log" "$seen" | grep -F '[emerg]') || true
        [[ $complaints == "$last" ]] || quiet=0
        last=$complaints
        quiet=$((quiet + 1))
        [[ -z $complaints ]] || ((quiet < 20)) || break
        sleep 0.05
    done
    if [[ -n $complaints ]]; then
        printf '%s\n' "$complaints" | uniq
        show_holders "$complaints"
        fail 'nginx kept its old configuration'
    fi
    fail 'the new workers of nginx had not taken over 10 seconds after a reload' \
        "$(read_log "$log" "$seen" | tail -n 5)"
}

# Old workers of Nginx that still have a request: those that end once they have answered it.
lingering_workers() {
    local master='' worker title
    { read -r master </run/nginx.pid; } 2>/dev/null || return 0
    for worker in $(children_of "$master"); do
        title=$(tr '\0' ' ' 2>/dev/null <"/proc/$worker/cmdline") || continue
        [[ $title != *'is shutting down'* ]] || printf ' %s' "$worker"
    done
}

# What an old worker still receives, such as a slow upload, goes to an app that Nginx no longer routes to. What goes
# waits for that, and not for ever: another app's request may take hours.
outwaited=no
outwait_nginx() {
    local deadline=$((SECONDS + 60)) waiting=no
    while [[ $outwaited == no && -n $(lingering_workers) ]]; do
        [[ $waiting == yes ]] || say waiting 'old workers of nginx still finish requests, which may be for what stops'
        waiting=yes
        sleep 0.1
        ((SECONDS < deadline)) || outwaited=yes
    done
    [[ $outwaited$waiting != yesyes ]] || say lingering
}
