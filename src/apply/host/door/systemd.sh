#!/usr/bin/env bash
# Lets systemd run the transaction. upstart.sh, beside it, has the same functions: the host gets one of the two.
# Variables are shared with the other parts, functions are called by them.
# shellcheck disable=SC2034,SC2154,SC2317,SC2329

# Lets pid 1 run the transaction: it goes on without this connection, and is started again if it is killed. At boot
# another unit does the same before any service starts. Where this is a condition bash goes on after errors, so each is
# looked at.
start() {
    local units=$transaction/units wanted=/etc/systemd/system/sysinit.target.wants/provision-recovery.service
    put_unit "$units/provision-recovery.service" /etc/systemd/system || return
    try mkdir -p /etc/systemd/system/sysinit.target.wants || return
    # One that a cut left there is good, also where nothing can be written now.
    [[ -L $wanted ]] || try ln -s ../provision-recovery.service "$wanted" || return
    put_unit "$units/provision-transaction.service" /run/systemd/system || return
    sync --file-system /etc/systemd/system
    timeout 5 systemctl reset-failed provision-transaction.service 2>/dev/null 8>&- 9>&- || true
    ask_pid_1 systemctl start --no-block provision-transaction.service || return
}

# Puts a unit where systemd reads it. One of another version has to be read again.
put_unit() { # FILE FOLDER
    local to=$2/${1##*/}
    ! cmp --silent "$1" "$to" || return 0
    try install --mode=0644 -T -- "$1" "$to" || return
    [[ $2 != /run/* ]] || ask_pid_1 systemctl daemon-reload
}

# Does pid 1 still run it, or mean to? If it does not answer, it may.
is_wanted() {
    local unit
    unit=$(timeout 5 systemctl show --property=ActiveState,Job provision-transaction.service \
        2>/dev/null 8>&- 9>&-) || return 0
    [[ $unit == *ActiveState=active* || $unit == *ActiveState=*activating* || $unit == *Job=[1-9]* ]]
}
