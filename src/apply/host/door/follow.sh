#!/usr/bin/env bash
# Passes on what the transaction reports, and takes in what the controller says meanwhile. A part of the script that
# lib.sh begins.
# Variables are shared with the other parts, functions are called by them.
# shellcheck disable=SC2034,SC2154,SC2317,SC2329

# Is the transaction alive? It waits longer for its lock than this takes. Pid 1 may still be busy with what a former one
# left behind.
transaction_lives() {
    flock --nonblock 8 || return 0
    flock --unlock 8
    # It lets go of the lock a moment before its last words.
    is_wanted
}

# Looks at the transaction every now and then, and ends with it, or with whoever follows it.
watch_over() {
    local never
    # Nothing ever comes from there: a sleep that leaves no process behind.
    # ShellCheck 0.3.7 takes a variable in braces for a program.
    # shellcheck disable=SC1083,SC2093
    exec {never}<> <(:)
    while kill -0 $$; do
        read -r -t 5 <&"$never" || true
        # Twice: between two processes of one transaction there may be a moment without any.
        if ! transaction_lives; then
            read -r -t 1 <&"$never" || true
            transaction_lives || return 0
        fi
    done
}

# Passes on what the transaction reports, until it has ended. Lines are read without a limit of time, of which Bash 4.3
# loses what it has read of a line; so `tail` ends when `watch_over` does, once it has read the log to its end.
follow() { # LOG BYTES-TO-SKIP
    local line watch descriptor
    watch_over </dev/null >/dev/null 2>&1 3>&- 9>&- &
    watch=$!
    # ShellCheck 0.3.7 takes a variable in braces for a program.
    # shellcheck disable=SC1083,SC2093
    exec {descriptor}< <(
        exec tail --bytes="+$(($2 + 1))" --follow --sleep-interval=0.1 --pid="$watch" -- "$1" \
            2>/dev/null </dev/null 3>&- 8>&- 9>&-
    )
    while IFS= read -r line <&"$descriptor"; do
        # The transaction holds its own lock now.
        [[ $line != holding ]] || exec 9>&-
        if [[ $line == on-probation$'\t'* ]]; then
            # It goes on for long. That its controller has seen how it ends is not for this one to say.
            kill "$listener" 2>/dev/null || true
            ended=yes
            say "$line"
            kill "$watch" || true
            exit 0
        fi
        say "$line"
        if [[ $line == ended$'\t'* ]]; then
            ended=yes
            kill "$watch" || true
            # A controller that is still there says so in a moment, on a busy machine in a few seconds. One that is gone
            # has ended the listener.
            for _ in {1..200}; do
                kill -0 "$listener" 2>/dev/null || break
                sleep 0.05
            done
            kill "$listener" 2>/dev/null || true
            exit 0
        fi
    done
    complaint='the transaction ended without a message; the journal of the unit provision-transaction may say why'
    exit 1
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
