#!/usr/bin/env bash
# What the transaction asks of systemd. upstart.sh, beside it, has the same functions: the host gets one of the two.
# Variables are shared with the other parts, functions are called by them.
# shellcheck disable=SC2034,SC2154,SC2317,SC2329

readonly nginx=nginx.service # what Nginx is called here
readonly units=/run/systemd/system # those that a boot forgets
# Seconds that pid 1 has for an answer, and for a service that starts, stops or reloads: its own limits may be endless.
answers_within=90 acts_within=900

systemctl() { # WORD...
    local code=0 seconds=$answers_within
    [[ " $* " != *' '@(start|stop|restart|reload-or-restart)' '* ]] || seconds=$acts_within
    timeout --kill-after=5 "$seconds" systemctl "$@" || code=$?
    ((code != 124)) || printf 'systemctl %s did not end within %s seconds\n' "$*" "$seconds" >&2
    return "$code"
}

journalctl() { # WORD...
    timeout --kill-after=5 30 journalctl "$@"
}

# `active`, `inactive`, or `absent` for what has no definition.
state_of() { # SERVICE
    local answer
    answer=$(systemctl show --property=LoadState,ActiveState -- "$1" 2>&1) || true
    case $answer in
        *LoadState=not-found*) printf 'absent' ;;
        # One that crashes and is started again and again is meant to run.
        *ActiveState=active* | *ActiveState=reloading* | *ActiveState=activating*) printf 'active' ;;
        *ActiveState=*) printf 'inactive' ;;
        *)
            printf 'systemd does not say how %s is: %s\n' "$1" "$answer" >&2
            return 1
            ;;
    esac
}

# What defines an app's process.
definition_of() { # APP; the answer is in REPLY
    REPLY=/etc/systemd/system/$1.service
}

# Which process a service is, and since when: PID/START, both 0 where there is none.
process_of() { # SERVICE; the answer is in REPLY
    local key value pid=0 start=0 entered=0
    while IFS='=' read -r key value; do
        case $key in
            MainPID) pid=$value ;;
            ExecMainStartTimestampMonotonic) start=$value ;;
            ActiveEnterTimestampMonotonic) entered=$value ;;
        esac
    done < <(systemctl show --property=MainPID,ExecMainStartTimestampMonotonic,ActiveEnterTimestampMonotonic -- "$1")
    # A socket has no process: its own activation stands for the start.
    ((start)) || start=$entered
    REPLY=$pid/$start
}

# The id of an app's main process, 0 where there is none.
master_of() { # APP; the answer is in REPLY
    REPLY=$(systemctl show --property=MainPID -- "$1.service")
    REPLY=${REPLY#MainPID=}
}

# What an app has logged since the switch.
log_of() { # APP
    journalctl --no-pager --quiet --lines=1000 --output=cat --since="@$(<"$memory/switched")" --unit="$1.service"
}

# How many of an app's processes the kernel has killed for want of memory.
out_of_memory() { # APP; the answer is in REPLY
    local file word count
    REPLY=0
    for file in /sys/fs/cgroup/{,memory/,unified/}system.slice/"$1.service"/memory.{events,oom_control}; do
        [[ -e $file ]] || continue
        while read -r word count; do
            [[ $word != oom_kill ]] || REPLY=$count
        done <"$file"
    done
}

# Whether the host is being shut down.
goes_down() {
    [[ $(systemctl is-system-running 2>/dev/null) == stopping ]]
}

# Lets pid 1 run the rest of a transaction once the host has started.
go_on_after_boot() {
    mkdir -p -- "$units"
    install --mode=0644 -T -- "$work/units/provision-transaction.service" "$units/provision-transaction.service"
    systemctl daemon-reload
    systemctl --no-block start provision-transaction.service
}

reload_manager() {
    systemctl daemon-reload
}

start_service() { # SERVICE
    systemctl --quiet enable "$1"
    start_again "$1"
}

# Whether it starts at boot is another matter.
start_again() { # SERVICE
    systemctl reset-failed "$1" 2>/dev/null || true
    systemctl start "$1" || explain "$1"
}

restart_service() { # SERVICE
    systemctl reset-failed "$1" 2>/dev/null || true
    systemctl restart "$1" || explain "$1"
    await_app "${1%.service}"
    end_stand_in "${1%.service}"
}

# systemctl only says that it failed; the journal says why. Fails in its turn.
explain() { # UNIT
    local log
    log=$(journalctl --no-pager --quiet --lines=200 --output=cat --unit="$1" | requests_apart | uniq) || true
    printf '\nthe last log lines of %s:\n%s\n' "$1" "$log"
    show_holders "$log"
    return 1
}

# A stand-in goes on answering at the former address, until Nginx has turned to the new one.
move_listener() { # APP
    systemctl stop "$1.service" "$1.socket"
    start_service "$1.socket"
    start_service "$1.service"
    await_app "$1"
}

# The requests of those that run are answered first.
close_listeners() { # APP...
    systemctl stop "${@/%/.service}" "${@/%/.socket}"
}

# Whether they start at boot can wait until they listen.
open_listeners() { # APP...
    local app
    systemctl start "${@/%/.socket}" || explain "$1.socket"
    for app in "$@"; do
        start_service "$app.socket"
        start_service "$app.service"
    done
}

reload_other() { # SERVICE
    # What does not run will read its files when it starts.
    systemctl --quiet is-active "$1" || return 0
    systemctl reload-or-restart "$1"
}

# Nothing starts it again: no boot, and no listener of its own, which has stopped before it.
stop_for_good() { # SERVICE
    systemctl stop "$1" || true
    systemctl --quiet disable "$1" || true
    ! systemctl --quiet is-active "$1" || fail "$1 does not stop"
}

# What this boot starts was decided before the link was back that asks for a service. Nothing is waited for: it starts
# once this has ended.
start_with_boot() { # SERVICE
    ! systemctl --quiet is-enabled "$1" || systemctl --no-block start "$1"
}

stop_service() { # SERVICE
    systemctl stop "$1" 2>/dev/null || [[ $(state_of "$1") == @(inactive|absent) ]]
    systemctl reset-failed "$1" 2>/dev/null || true
}
