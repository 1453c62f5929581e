#!/usr/bin/env bash
# Makes a host match a plan: receives the payload on standard input, then runs the steps that provision appends.
#
# Order: stage, check, switch, act, verify, each in a file of its own beside this one. Nothing live is touched before every check has passed. Once the payload is
# here the work goes on without the controller: answers to a connection that is gone are dropped.
# shellcheck disable=SC2317,SC2329  # the functions are called by the lines that provision appends
set -Eeuo pipefail
export LC_ALL=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
umask 022
cd /
state=/var/lib/provision
work=$state/work
declare -A staged=() # live path -> the file that will replace it
# shellcheck disable=SC2034  # stage.sh and check.sh use it
declare -A releases=() # app -> the folder of its coming release
fresh=() # folders of the releases that this run makes
current=0
finished=no
exec 3>&1
trap '' HUP PIPE
trap close_transaction EXIT

# One line of tab-separated fields to the controller, if it still listens.
say() {
    local IFS=$'\t'
    printf '%s\n' "$*" >&3 2>/dev/null || true
}

# Ends the transaction with a message for the operator.
fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

# Runs one step. What it prints is kept, and sent only if it fails. A program that a step leaves running must not keep
# the lock.
step() {
    current=$1
    shift
    say begin "$current"
    "$@" >"$work/output" 2>&1 9>&-
    say end "$current"
}

# Takes the lock and the payload. The lock lives as long as this process.
open_transaction() {
    [[ -d $state ]] || mkdir -m 0700 "$state"
    exec 9>>"$state/lock"
    if ! flock --nonblock 9; then
        say locked "$(base64 -w0 "$state/lock")"
        trap - EXIT
        exit 6
    fi
    printf '%s, since %s\n' "$1" "$(date -u '+%F %T UTC')" >"$state/lock"
    rm -rf "$work"
    mkdir -m 0700 "$work"
    tar --extract --directory="$work" 2>"$work/output"
    exec </dev/null
    say received
}

# Leaves nothing behind that was only staged, and tells how it ended.
close_transaction() {
    local code=$? path folder
    set +eE
    if [[ $finished == no ]]; then
        say failed "$current" "$code" "$(tail -n 60 "$work/output" 2>/dev/null | base64 -w0)"
    fi
    # Up to bash 4.3, which Ubuntu 16.04 has, `set -u` takes an empty array for an unset variable.
    for path in ${staged[@]+"${staged[@]}"}; do
        rm -f -- "$path"
    done
    # A refused release goes, so that it cannot take the place of an older one that still works.
    if [[ $finished == no ]]; then
        for folder in ${fresh[@]+"${fresh[@]}"}; do
            [[ $(readlink "${folder%/releases/*}/current") == "$folder" ]] || rm -rf -- "$folder"
        done
    fi
    rm -rf "$work"
}

# Proof that every step ran.
finish() {
    finished=yes
    say finished
}
