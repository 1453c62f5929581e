#!/usr/bin/env bash
# Passes on what the transaction reports, and takes in what the controller says meanwhile. A part of the script that
# lib.sh begins.
# shellcheck disable=SC2034,SC2154,SC2317,SC2329  # variables are shared with the other parts, functions called by them

# Is the transaction alive? Asked only when it has been silent for a while; it waits longer for its lock than this
# takes. Pid 1 may still be busy with what a former one left behind.
transaction_lives() {
    flock --nonblock 8 || return 0
    flock --unlock 8
    # It lets go of the lock a moment before its last words.
    is_wanted
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
