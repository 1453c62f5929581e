#!/usr/bin/env bash
# What the transaction asks of Upstart. systemd.sh, beside it, has the same functions: the host gets one of the two.
# Variables are shared with the other parts, functions are called by them.
# shellcheck disable=SC2034,SC2154,SC2317,SC2329

readonly nginx=nginx # what Nginx is called here
# Seconds that pid 1 has for an answer, and for a job that starts or stops: its own limits may be endless.
answers_within=90 acts_within=900

initctl() { # WORD...
    local code=0 seconds=$answers_within
    [[ $1 != @(start|stop) ]] || seconds=$acts_within
    timeout --kill-after=5 "$seconds" initctl "$@" || code=$?
    ((code != 124)) || printf 'initctl %s did not end within %s seconds\n' "$*" "$seconds" >&2
    return "$code"
}

# `active`, `inactive`, or `absent` for what has no definition.
state_of() { # SERVICE
    local line
    line=$(initctl status "$1" 2>/dev/null) || { printf 'absent'; return 0; }
    if [[ $line == *start/running* ]]; then printf 'active'; else printf 'inactive'; fi
}

# What defines an app's process.
definition_of() { # APP; the answer is in REPLY
    REPLY=/etc/init/$1.conf
}

# Which process a service is, and since when: PID/START, both 0 where there is none.
process_of() { # SERVICE; the answer is in REPLY
    local value pid
    REPLY=0/0
    value=$(initctl status "$1")
    [[ $value == *process\ * ]] || return 0
    pid=${value##*process }
    pid=${pid%%[!0-9]*}
    start_of "$pid"
    REPLY=$pid/$REPLY
}

# The id of an app's main process, 0 where there is none.
master_of() { # APP; the answer is in REPLY
    REPLY=$(initctl status "$1" 2>/dev/null) || true
    [[ $REPLY == *process\ * ]] || REPLY=0
    REPLY=${REPLY##*process }
}

# What an app has logged.
log_of() { # APP
    cat -- "/var/log/upstart/$1.log"
}

# Upstart limits no memory.
out_of_memory() { # APP; the answer is in REPLY
    : "$1"
    REPLY=0
}

# Whether the host is being shut down.
goes_down() {
    [[ $(runlevel 2>/dev/null) == *' '[06] ]]
}

# Lets pid 1 run the rest of a transaction while the host starts.
go_on_after_boot() {
    initctl start --no-wait provision-transaction
}

reload_manager() {
    initctl reload-configuration
}

start_service() { # SERVICE
    [[ $(initctl status "$1") == *start/running* ]] || start_again "$1"
}

# Whether it starts at boot is another matter.
start_again() { # SERVICE
    initctl start "$1"
}

# Upstart's own `restart` keeps the definition that the job was started with.
restart_service() { # SERVICE
    initctl stop "$1" || true
    initctl start "$1"
}

# Each app listens by itself, so no other process can stand in for it.
begin_stand_in() { # APP
    : "$1"
}

stand_in_again() { # APP
    : "$1"
}

outwait_stand_in() { # APP
    : "$1"
}

end_stand_ins() {
    :
}

dismiss_stand_ins() {
    :
}

move_listener() { # APP
    fail "$1 listens by itself under Upstart, and has no listener that could move"
}

close_listeners() { # APP...
    fail "$* listen by themselves under Upstart"
}

open_listeners() { # APP...
    fail "$* listen by themselves under Upstart"
}

reload_other() { # SERVICE
    # What does not run will read its files when it starts.
    [[ $(initctl status "$1") == *start/running* ]] || return 0
    initctl reload "$1" || restart_service "$1"
}

# Its definition, which starts it at boot, goes next.
stop_for_good() { # SERVICE
    [[ $(initctl status "$1") != *start/running* ]] || initctl stop "$1"
}

# Jobs start by events, which are still to come.
start_with_boot() { # SERVICE
    : "$1"
}

stop_service() { # SERVICE
    [[ $(initctl status "$1" 2>/dev/null) != *start/running* ]] || initctl stop "$1"
}
