#!/usr/bin/env bash
# Receives a payload, and makes a transaction with a number of its own out of it. A part of the script that lib.sh
# begins.
# Variables are shared with the other parts, functions are called by them.
# shellcheck disable=SC2034,SC2154,SC2317,SC2329

# Takes as many bytes as were announced, and gives up on a controller that has gone silent.
receive() { # BYTES
    local size last=-1 since=$SECONDS complaints
    receiving=yes
    rm -rf -- "$incoming" "$transaction.closed"
    try mkdir -m 0700 -- "$incoming"
    # A pipe that holds the complaint for us: a file would have no room on the full disk that it is about.
    # ShellCheck 0.3.7 takes a variable in braces for a program.
    # shellcheck disable=SC1083,SC2093
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
    # ShellCheck 0.3.7 takes a variable in braces for a program.
    # shellcheck disable=SC1083,SC2093
    exec {complaints}>&-
    try tar --extract --file="$incoming/payload.tar" --directory="$incoming"
    rm -f -- "$incoming/payload.tar"
    try set_room_aside
}

# Room for the way back and for the record, should the disk fill up meanwhile: for every file twice, and some more. Some
# disks run out of files before they run out of bytes, which is why there are many.
set_room_aside() {
    local size number
    local -a secrets=("$incoming"/secrets/*)
    size=$(stat --format=%s -- "$incoming"/{desired.json,checks.json,owned,touches} "$incoming"/secrets/* |
        awk '{ sum += $1 } END { print sum }')
    mkdir -- "$incoming/room"
    head --bytes=$((2 * size + 262144)) /dev/zero >"$incoming/room/bytes"
    for ((number = 0; number < 16 + ${#secrets[@]}; number++)); do
        : >"$incoming/room/$number"
    done
    head --bytes=8192 /dev/zero >"$incoming/room/state"
}

# The highest number among the arguments, which are paths; the answer is in REPLY.
highest() { # PATH...
    local path
    REPLY=0
    for path; do
        path=${path##*/}
        [[ $path != [1-9]* || $path == *[!0-9]* || ${#path} -gt 9 ]] || ((path <= REPLY)) || REPLY=$path
    done
}

# The number of the last attempt that has ended; the answer is in `last`. One without a result counts for nothing yet.
last_attempt() {
    highest "$state"/generations/*
    last=$REPLY
    ((last == 0)) || LC_ALL=C grep --quiet --text $'^result\t.' "$state/generations/$last/record" 2>/dev/null ||
        last=$((last - 1))
}

# Every attempt has a number and a folder, from which history and rollback read. No number is given twice, not even that
# of an attempt whose folder or record is lost: the links name the last one and the live one.
number_attempt() {
    local link
    local -a links=()
    for link in "$state"/last "$state"/generation "$state"/generation+*; do
        [[ ! -L $link ]] || links+=("$(readlink -- "$link")")
    done
    highest "$state"/generations/* "${links[@]+"${links[@]}"}"
    number=$((REPLY + 1))
    try mkdir -p -- "$state/generations"
    try mkdir -- "$state/generations/$number"
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
