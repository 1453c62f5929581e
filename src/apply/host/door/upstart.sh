#!/usr/bin/env bash
# Lets Upstart run the transaction. systemd.sh, beside it, has the same functions: the host gets one of the two.
# Variables are shared with the other parts, functions are called by them.
# shellcheck disable=SC2034,SC2154,SC2317,SC2329

# Lets pid 1 run the transaction: it goes on without this connection, and is started again if it is killed. At boot
# another job does the same before any service starts. Where this is a condition bash goes on after errors, so each is
# looked at.
start() {
    # Jobs that start from now on are no part of a boot, which alone has something to settle.
    [[ -s /run/provision-settled ]] || try settle_boot || return
    put_job "$transaction/units/provision-recovery.conf" || return
    put_job "$transaction/units/provision-transaction.conf" || return
    sync --file-system /etc/init
    ask_pid_1 /sbin/initctl reload-configuration || return
    ask_pid_1 /sbin/initctl start --no-wait provision-transaction || return
}

settle_boot() {
    printf 'a change began after this boot\n' >/run/provision-settled
}

# Puts a job where Upstart reads it.
put_job() { # FILE
    local to=/etc/init/${1##*/}
    cmp --silent "$1" "$to" || try install --mode=0644 -T -- "$1" "$to"
}

# Does pid 1 still run it, or mean to?
is_wanted() {
    [[ $(/sbin/initctl status provision-transaction 2>/dev/null) == *start/* ]]
}
