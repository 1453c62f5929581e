#!/usr/bin/env bash
# Lets processes take up what was switched, and removes what is no longer in the inventory. A part of the script that transaction.sh begins.
# shellcheck disable=SC2154,SC2317,SC2329  # variables are set by transaction.sh, functions called by the steps

on_systemd() {
    [[ -d /run/systemd/system ]]
}

# What a service loaded is unknown from here until it is remembered: a run cut in between makes the next one reload.
forget() { # SERVICE
    rm -f -- "$state/loaded/$1"
}

remember() { # SERVICE RESTART RELOAD
    local key value pid=0 start=0 entered=0
    local -a fields
    mkdir -p -- "$state/loaded"
    if on_systemd; then
        while IFS='=' read -r key value; do
            case $key in
                MainPID) pid=$value ;;
                ExecMainStartTimestampMonotonic) start=$value ;;
                ActiveEnterTimestampMonotonic) entered=$value ;;
            esac
        done < <(systemctl show --property=MainPID,ExecMainStartTimestampMonotonic,ActiveEnterTimestampMonotonic -- "$1")
        # A socket has no process: its own activation stands for the start.
        ((start)) || start=$entered
    else
        value=$(/sbin/initctl status "$1")
        if [[ $value == *process\ * ]]; then
            pid=${value##*process }
            pid=${pid%%[!0-9]*}
            value=$(<"/proc/$pid/stat")
            read -ra fields < <(printf '%s\n' "${value##*) }")
            start=${fields[19]}
        fi
    fi
    printf '%s/%s %s %s %s format=2\n' "$pid" "$start" "$(date +%s.%N)" "$2" "$3" >"$state/loaded/.$1"
    mv --no-target-directory -- "$state/loaded/.$1" "$state/loaded/$1"
}

reload_manager() {
    if on_systemd; then
        systemctl daemon-reload
    else
        /sbin/initctl reload-configuration
    fi
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
        stop) stop_app "$2" ;;
    esac
}

start_service() { # SERVICE
    if on_systemd; then
        systemctl --quiet enable "$1"
        systemctl reset-failed "$1" 2>/dev/null || true
        systemctl start "$1" || explain "$1"
    elif [[ $(/sbin/initctl status "$1") != *start/running* ]]; then
        /sbin/initctl start "$1"
    fi
}

# systemctl only says that it failed; the journal says why. Fails in its turn.
explain() { # UNIT
    local log
    log=$(journalctl --no-pager --quiet --lines=200 --output=cat --unit="$1" | requests_apart | uniq) || true
    printf '\nthe last log lines of %s:\n%s\n' "$1" "$log"
    show_holders <<<"$log"
    return 1
}

# Who holds the ports that a complaint on standard input says are taken.
show_holders() {
    local port
    command -v ss >/dev/null || return 0
    sed -nE 's/.*:([0-9]+)[^0-9].*Address already in use.*/\1/p' | sort -u | while read -r port; do
        ss -tlnp "sport = :$port" | sed -nE "s/.*users:\\(\\(\"([^\"]+)\",pid=([0-9]+).*/port $port is held by \\1, process \\2/p" | sort -u
    done
}

restart_service() { # SERVICE
    if on_systemd; then
        systemctl reset-failed "$1" 2>/dev/null || true
        systemctl restart "$1" || explain "$1"
    else
        # Upstart's own `restart` keeps the definition that the job was started with.
        /sbin/initctl stop "$1" || true
        /sbin/initctl start "$1"
    fi
}

move_listener() { # APP
    systemctl stop "$1.service" "$1.socket"
    start_service "$1.socket"
    start_service "$1.service"
}

reload_other() { # SERVICE
    if on_systemd; then
        # What does not run will read its files when it starts.
        systemctl --quiet is-active "$1" || return 0
        systemctl reload-or-restart "$1"
    elif [[ $(/sbin/initctl status "$1") == *start/running* ]]; then
        /sbin/initctl reload "$1" || restart_service "$1"
    fi
}

# The children of a process, each behind a blank. Read from /proc: small hosts have no ps.
children_of() { # PID
    local stat line rest
    for stat in /proc/[0-9]*/stat; do
        line=''
        # A process may end between the listing and the reading.
        { IFS= read -r -d '' line <"$stat" || [[ -n $line ]]; } 2>/dev/null || continue
        # "PID (NAME) STATE PPID …": the name may hold anything, line breaks as well, so what counts begins after its
        # last ")".
        rest=${line##*) }
        [[ ${rest#? } != "$1 "* ]] || printf ' %s' "${line%% *}"
    done
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
    nginx -s reload
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
        uniq <<<"$complaints"
        show_holders <<<"$complaints"
        fail 'nginx kept its old configuration'
    fi
    fail 'the new workers of nginx had not taken over 10 seconds after a reload' "$(read_log "$log" "$seen" | tail -n 5)"
}

stop_app() { # APP
    if on_systemd; then
        # One at a time: systemctl does nothing at all where one of several units has no file any more.
        systemctl stop "$1.socket" || true
        systemctl stop "$1.service" || true
        systemctl --quiet disable "$1.socket" || true
        systemctl --quiet disable "$1.service" || true
        ! systemctl --quiet is-active "$1.service" || fail "$1.service does not stop"
    else
        [[ $(/sbin/initctl status "$1") != *start/running* ]] || /sbin/initctl stop "$1"
    fi
}
