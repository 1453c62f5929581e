#!/usr/bin/env bash
# Hands a transaction over to this host: takes the lock and the payload, lets pid 1 run it, and tells the controller
# what happens.
#
# Nothing live depends on this script: it may be killed, and its connection cut, at any moment. Before the payload is
# whole nothing has changed; afterwards the transaction belongs to pid 1, which starts it again should it be killed.
# shellcheck disable=SC2317,SC2329  # the functions are called by the line that provision appends
set -Eeuo pipefail
export LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin
umask 077
cd /
state=/var/lib/provision
incoming=$state/incoming
transaction=$state/transaction
# A controller that sends nothing for this long is gone, and must not keep the lock, in seconds.
patience=30
ended=no
receiving=no # what lies in `incoming` is ours
listener='' # the process that hears what the controller says
complaint='' # of the program that failed
exec 3>&1
trap '' HUP PIPE
trap close_door EXIT

# One line of tab-separated fields to the controller, if it still listens. What is on its way to pid 1 gets there if
# not.
say() {
    local IFS=$'\t'
    printf '%s\n' "$*" >&3 2>/dev/null || true
}

# Through a pipe: old Bash keeps a here-string in a file, for which a full disk has no room.
encoded() {
    printf '%s\n' "$1" | base64 --wrap=0
}

# Says why nothing was changed. An end that nobody foresaw is told as well.
close_door() {
    local code=$?
    [[ $ended == yes ]] || say failed 0 "$code" "$(encoded "$complaint")"
    # Another run may be sending its own payload by now.
    [[ $receiving != yes ]] || rm -rf -- "$incoming" 2>/dev/null
}

# Runs a program, and keeps what it says for the case that it fails.
try() {
    complaint=$("$@" 2>&1 9>&- 8>&-)
}

# Stands still here for the tests, which then cut something; once in a transaction.
point() {
    [[ ${pause_at-} == "$1" ]] || return 0
    say paused "$1"
    until [[ -e $state/resume ]]; do
        sleep 0.05
    done
}

# Two locks, both held by processes and therefore never left behind. `lock` is held while a controller hands over,
# `running` by the transaction itself, so a newcomer needs both.
take_locks() { # WHO SECONDS-TO-WAIT
    local descriptor holder deadline=$((SECONDS + $2)) waiting=no
    [[ -d $state ]] || try mkdir --parents -m 0700 -- "$state"
    exec 8>>"$state/running" 9>>"$state/lock"
    for descriptor in 9 8; do
        ! flock --nonblock "$descriptor" || continue
        holder=$(<"$state/lock")
        if ((SECONDS < deadline)); then
            [[ $waiting == yes ]] || say waiting "a change is in progress: ${holder:-it has not signed the lock yet}"
            waiting=yes
            ! flock --timeout $((deadline - SECONDS)) "$descriptor" || continue
            holder=$(<"$state/lock")
        fi
        say locked "$(encoded "$holder")"
        ended=yes
        exit 6
    done
    # On a full disk the lock holds without a signature.
    printf '%s, since %s\n' "$1" "$(date -u '+%F %T UTC')" 2>/dev/null >"$state/lock" || true
}

# Takes as many bytes as were announced, and gives up on a controller that has gone silent.
receive() { # BYTES
    local size last=-1 since=$SECONDS complaints
    receiving=yes
    rm -rf -- "$incoming" "$transaction.closed"
    try mkdir -m 0700 -- "$incoming"
    # A pipe that holds the complaint for us: a file would have no room on the full disk that it is about.
    exec {complaints}<> <(:)
    head --bytes="$1" <&0 >"$incoming/payload.tar" 2>&"$complaints" 8>&- 9>&- &
    while kill -0 $! 2>/dev/null; do
        size=$(stat --format=%s -- "$incoming/payload.tar" 2>/dev/null || echo 0)
        ((size == last)) || { last=$size; since=$SECONDS; }
        if ((SECONDS - since > patience)); then
            kill $!
            complaint="the controller sent nothing for $patience seconds"
            exit 1
        fi
        sleep 0.02
    done
    size=$(stat --format=%s -- "$incoming/payload.tar")
    if ((size != $1)); then
        IFS= read -r -t 0.1 complaint <&"$complaints" || complaint="only $size of $1 bytes arrived"
        exit 1
    fi
    exec {complaints}>&-
    try tar --extract --file="$incoming/payload.tar" --directory="$incoming"
    rm -f -- "$incoming/payload.tar"
    try set_room_aside
}

# Room for the way back and for the record, should the disk fill up meanwhile: for every file twice, and some more.
set_room_aside() {
    local size
    size=$(stat --format=%s -- "$incoming"/{desired.json,checks.json,owned,touches} "$incoming"/secrets/* | awk '{ sum += $1 } END { print sum }')
    head --bytes=$((2 * size + 262144)) /dev/zero >"$incoming/room"
}

# The number of the last attempt that has ended; the answer is in `last`. One without a result never began.
last_attempt() {
    local folder
    last=0
    for folder in "$state"/generations/*/; do
        folder=${folder%/}
        folder=${folder##*/}
        [[ $folder == *[!0-9]* ]] || ((folder <= last)) || last=$folder
    done
    ((last == 0)) || grep --quiet '^result' "$state/generations/$last/record" 2>/dev/null || last=$((last - 1))
}

# Every attempt has a number and a folder, from which history and rollback read.
number_attempt() {
    last_attempt
    number=$((last + 1))
    rm -rf -- "$state/generations/$number"
    try mkdir -p -- "$state/generations/$number"
    mv -- "$incoming/record" "$state/generations/$number/record"
    printf 'began\t%s\n' "$(date +%s)" >>"$state/generations/$number/record"
    printf '%s\n' "$number" >"$incoming/generation"
    # After a restart of the host nothing that had not begun begins any more.
    cp -- /proc/sys/kernel/random/boot_id "$incoming/boot"
    ln -s --no-dereference --force -- "generations/$number" "$state/last.new"
    mv --no-target-directory -- "$state/last.new" "$state/last"
    try sync --file-system "$state"
    mv --no-target-directory -- "$incoming" "$transaction"
    receiving=no
    sync "$state"
}

# Lets pid 1 run the transaction: it goes on without this connection, and is started again if it is killed. At boot
# another unit does the same before any service starts. Where this is a condition bash goes on after errors, so each is
# looked at.
start() {
    local units=$transaction/units wanted=/etc/systemd/system/sysinit.target.wants/provision-recovery.service
    if [[ -d /run/systemd/system ]]; then
        put_unit "$units/provision-recovery.service" /etc/systemd/system || return
        try mkdir -p /etc/systemd/system/sysinit.target.wants || return
        # One that a cut left there is good, also where nothing can be written now.
        [[ -L $wanted ]] || try ln -s ../provision-recovery.service "$wanted" || return
        put_unit "$units/provision-transaction.service" /run/systemd/system || return
        sync --file-system /etc/systemd/system
        timeout 5 systemctl reset-failed provision-transaction.service 2>/dev/null 8>&- 9>&- || true
        ask_pid_1 systemctl start --no-block provision-transaction.service || return
    else
        put_unit "$units/provision-recovery.conf" /etc/init || return
        put_unit "$units/provision-transaction.conf" /etc/init || return
        sync --file-system /etc/init
        ask_pid_1 /sbin/initctl reload-configuration || return
        ask_pid_1 /sbin/initctl start --no-wait provision-transaction || return
    fi
}

# Puts a unit where the service manager reads it. One of another version has to be read again.
put_unit() { # FILE FOLDER
    local to=$2/${1##*/}
    ! cmp --silent "$1" "$to" || return 0
    try install --mode=0644 -T -- "$1" "$to" || return
    [[ $2 != /run/* ]] || ask_pid_1 systemctl daemon-reload
}

# A command to the service manager, which may be too busy to answer, or hang.
ask_pid_1() { # COMMAND...
    local code=0
    try timeout "$patience" "$@" || code=$?
    ((code != 124)) || complaint="the service manager, pid 1, did not answer \`$*\` within $patience seconds"
    return "$code"
}

# Is the transaction alive? Asked only when it has been silent for a while; it waits longer for its lock than this
# takes. Pid 1 may still be busy with what a former one left behind.
transaction_lives() {
    local unit
    flock --nonblock 8 || return 0
    flock --unlock 8
    # It lets go of the lock a moment before its last words.
    [[ -d /run/systemd/system ]] || { [[ $(/sbin/initctl status provision-transaction 2>/dev/null) == *start/* ]]; return; }
    unit=$(timeout 5 systemctl show --property=ActiveState,Job provision-transaction.service 2>/dev/null 8>&- 9>&-) || return 0
    [[ $unit == *ActiveState=active* || $unit == *ActiveState=*activating* || $unit == *Job=[1-9]* ]]
}

# Whether a log tells of an end. `tail` passes lines on a moment after they were written, and in that moment the
# transaction can have ended, let go of its lock and been taken for dead. Nobody writes any more, so what the log says
# now is all.
has_ended() { # LOG BYTES-TO-SKIP
    tail --bytes="+$(($2 + 1))" -- "$1" 2>/dev/null 8>&- 9>&- | grep --quiet $'^ended\t'
}

# Passes on what the transaction reports, until it has ended.
follow() { # LOG BYTES-TO-SKIP
    local line silent=0 code descriptor
    exec {descriptor}< <(exec tail --bytes="+$(($2 + 1))" --follow --sleep-interval=0.1 --pid=$$ -- "$1" 2>/dev/null </dev/null 3>&- 8>&- 9>&-)
    while true; do
        code=0
        IFS= read -r -t 5 line <&"$descriptor" || code=$?
        if ((code)); then
            silent=$((silent + 1))
            if ((silent >= 2)) && ! transaction_lives && ! has_ended "$1" "$2"; then
                complaint='the transaction ended without a word; the journal of the unit provision-transaction may know why'
                exit 1
            fi
            continue
        fi
        silent=0
        # The transaction holds its own lock now.
        [[ $line != holding ]] || exec 9>&-
        say "$line"
        if [[ $line == ended$'\t'* ]]; then
            ended=yes
            # A controller that is still there says so in a moment.
            for _ in {1..40}; do
                kill -0 "$listener" 2>/dev/null || break
                sleep 0.05
            done
            kill "$listener" 2>/dev/null || true
            exit 0
        fi
    done
}

# What the controller says meanwhile: that it wants an end, which it gets for as long as nothing live has changed, and
# that it has seen how all ended. Who has seen it need not be told by the next run.
listen() { # ATTEMPT
    local line
    while IFS= read -r line; do
        case $line in
            cancel) [[ $(cat "$transaction/generation" 2>/dev/null) != "$1" ]] || : >"$transaction/cancel" ;;
            seen)
                printf 'told\tyes\n' >>"$state/generations/$1/record"
                return 0
                ;;
        esac
    done
}

# A new transaction.
hand_over() { # WHO SECONDS-TO-WAIT BYTES ATTEMPTS-SEEN
    local log number=0 last=0
    take_locks "$1" "$2"
    if [[ -d $transaction ]]; then
        say unfinished
        ended=yes
        exit 0
    fi
    last_attempt
    if ((last != $4)); then
        say stale
        ended=yes
        exit 0
    fi
    point door:locked
    receive "$3"
    number_attempt
    log=$state/generations/$number/log
    : >"$log"
    say received
    point door:received
    listen "$number" <&0 >/dev/null 2>&1 3>&- 8>&- 9>&- &
    listener=$!
    exec </dev/null 8>&-
    if ! start; then
        abandon
    fi
    point door:started
    exec 8>>"$state/running"
    follow "$log" 0
}

# The transaction never began: nothing has changed, and nothing of it stays.
abandon() {
    exec 8>>"$state/running"
    flock --nonblock 8 || return 0
    mv --no-target-directory -- "$transaction" "$transaction.closed"
    rm -rf -- "$transaction.closed" "$state/generations/$number"
    rm -f /etc/systemd/system/provision-recovery.service /etc/systemd/system/sysinit.target.wants/provision-recovery.service || true
    rm -f /etc/init/provision-recovery.conf /etc/init/provision-transaction.conf || true
    say failed 0 1 "$(encoded "$complaint")"
    say ended refused "$number"
    ended=yes
    exit 0
}

# A transaction that was cut, and that nobody has taken up: its own journal says whether it is undone or finished.
take_up() { # WHO SECONDS-TO-WAIT
    local log number size
    take_locks "$1" "$2"
    if [[ ! -d $transaction ]]; then
        say ended none 0
        ended=yes
        exit 0
    fi
    number=$(<"$transaction/generation")
    log=$state/generations/$number/log
    listen "$number" <&0 >/dev/null 2>&1 3>&- 8>&- 9>&- &
    listener=$!
    exec </dev/null 8>&-
    : >>"$log"
    size=$(stat --format=%s -- "$log")
    # If it never began, its plan is out of date by now.
    : >"$transaction/cut"
    start
    exec 8>>"$state/running"
    follow "$log" "$size"
}

# Reloads apps by their own scripts, which prove it. No change of the host may come in between.
reload_apps() { # WHO SECONDS-TO-WAIT APP...
    local app
    take_locks "$1" "$2"
    shift 2
    ended=yes
    if [[ -d $transaction ]]; then
        say unfinished
        exit 0
    fi
    for app in "$@"; do
        if [[ ! -x /usr/local/bin/reload-$app ]]; then
            printf '%s is not installed on this host yet; provision up installs it\n' "$app"
            exit 0
        fi
    done
    for app in "$@"; do
        "/usr/local/bin/reload-$app" 2>&1 8>&- 9>&-
    done
    say reloaded
}
