#!/usr/bin/env bash
# How a transaction begins, goes through its steps and ends. A part of the script that lib.sh begins.
# Variables are shared with the other parts, functions are called by them.
# shellcheck disable=SC2034,SC2154,SC2317,SC2329

# Begins, or takes up what an earlier process left. Whoever finds the lock taken has nothing to do here.
begin() { # STEPS COMMIT-STEP MODE; `boot` before any service has started
    total=$1
    mode=${3:-run}
    trap pass_on_death EXIT
    exec 8>>"$state/running"
    surely flock --timeout 10 8 || exit 0
    [[ $0 != *.closed/run ]] || finish_clearing
    generation=$(<"$work/generation")
    record=$state/generations/$generation/record
    exec 3>>"$state/generations/$generation/log"
    trap '' HUP PIPE
    trap 'exit 143' TERM INT
    say holding
    # Where there are no control groups, what an earlier process had started may still be at work.
    exec 7>>"$work/steps"
    surely flock --timeout 30 7 || true
    read_journal
    # A half line is no part of what comes.
    [[ ! -e $work/journal ]] || printf '\n' >>"$work/journal" || true
    trap close_transaction EXIT
    sweep_boxes
    rm -rf -- "$memory"
    mkdir -m 0700 -- "$memory"
    : >"$output"
    rm -f -- "$work/watch.pid"
    case $reached in
        nothing)
            journal state begun
            sync "$work/journal" "$work"
            if [[ $mode == boot || -e $work/cut ||
                $(cat "$work/boot" 2>/dev/null) != "$(</proc/sys/kernel/random/boot_id)" ]]; then
                cut=$(where_it_was_cut)
                say taken-up undone "$cut"
                exit 1
            fi
            ;;
        committed)
            say taken-up finished "$(where_it_was_cut)"
            resumed_at=$2
            make_room
            ;;
        probation)
            # Everything new goes on serving, and is watched for the rest of its time.
            if [[ $mode == boot ]]; then
                trap - EXIT
                go_on_after_boot
                exit 0
            fi
            # The step before the commit is the one to go on with.
            resumed_at=$(($2 - 2))
            ;;
        *)
            cut=$(where_it_was_cut)
            say taken-up undone "$cut"
            exit 1
            ;;
    esac
}

# Boxes are units of their own, which do not end with who waits for them.
sweep_boxes() {
    ! compgen -G '/run/provision-box/*' >/dev/null || surely boxed --sweep || true
}

# What was killed before there is a way to end dies in its turn, so that pid 1 runs it again.
pass_on_death() {
    (($? < 128)) || kill -KILL "$BASHPID"
}

# Runs one step. What it prints is kept, and sent only if it fails. A program that a step leaves running must not keep
# the lock.
step() { # NUMBER TITLE FUNCTION WORD...
    ((resumed_at < $1)) || return 0
    current=$1
    current_title=$2
    shift 2
    if [[ -e $work/cancel && $reached != @(switching|probation|committed) ]]; then
        cancelled=yes
        exit 1
    fi
    point "before:$current"
    say begin "$current" "$total" "$current_title"
    "$@" >"$output" 2>&1 8>&-
    say end "$current"
}

# The way in which a transaction ends. Undoing lies in undo.sh.
close_transaction() {
    local code=$? result reason again=${PROVISION_AGAIN-0}
    trap - EXIT
    trap '' TERM INT
    set +eE
    # The journal alone says what was reached.
    read_journal
    if [[ $reached == committed && $finished == no && $code -ge 128 && $again -lt 10 ]]; then
        # Nothing but the clearing is left, and what was killed can be done again: by another process, to which the
        # signal is over.
        export PROVISION_AGAIN=$((again + 1))
        exec /bin/bash "$work/run" "${mode#run}"
    fi
    [[ $reached != probation ]] || end_probation "$code"
    make_room
    stop_watch
    sweep_boxes
    # The box that was at work has ended because the user asked for it.
    [[ $code != 75 || ! -e $work/cancel ]] || cancelled=yes
    if [[ $finished == yes ]]; then
        result=committed reason=''
    elif [[ $reached == committed ]]; then
        # All that serves is new; something old could not be cleared away. It stays in the ownership record.
        result=committed reason="$current_title: $(summary)"
        say failed "$current" "$code" "$(evidence)"
    else
        reason="$current_title: $(summary)"
        [[ -z $cut ]] || reason="it was cut $cut"
        result=refused
        [[ $reached != switching && -z $cut ]] || result=undone
        if [[ $cancelled == yes ]]; then
            result=cancelled reason='the user asked for an end'
        elif [[ -z $cut ]]; then
            say failed "$current" "$code" "$(evidence)"
        fi
        [[ -e $work/reason ]] && reason=$(<"$work/reason")
        printf '%s\n' "$reason" >"$work/reason"
        undo
        surely sync_everything
        [[ $undone == yes ]] || result=failed
    fi
    settle "$result" "$reason"
}

# Notes how it ended and clears the journal away, by one rename. What could not be undone, or be recorded as the live
# generation, keeps its journal: the next run, or the next boot, tries again.
settle() { # RESULT REASON
    local reason=${2//$'\n'/\\n}
    end_stand_ins
    {
        printf 'ended\t%s\n' "$(date +%s)"
        printf 'result\t%s\n' "$1"
        [[ -z $reason ]] || printf 'reason\t%s\n' "$reason"
    } >>"$record"
    surely sync "$record" 2>/dev/null
    prune_history
    if [[ $1 == failed ]] || { [[ $1 == committed ]] && ! is_recorded; }; then
        rm -rf -- "$memory"
        say ended "$1" "$generation"
        exit 3
    fi
    point 'before:close'
    surely mv --no-target-directory -- "$work" "$work.closed"
    work=$work.closed
    surely sync "$state"
    point 'before:clear'
    clear_away
    exec 8>&-
    say ended "$1" "$generation"
    exit 0
}

# History is bounded: the last twenty attempts, the last two of each project that made it, and live ones whatever they
# have lost.
prune_history() {
    local number folder kept=0 REPLY
    local -A live=()
    while IFS= read -r number; do
        folder=$state/generations/${number:?}
        kept=$((kept + 1))
        project_of "$folder"
        [[ ! -e $folder/desired.json ]] || live[$REPLY]=$((${live[$REPLY]-0} + 1))
        ((kept <= 20)) || is_live_generation "$folder" ||
            [[ -e $folder/desired.json && ${live[$REPLY]} -le 2 ]] ||
            rm -rf -- "$folder"
    done < <(find "$state/generations" -mindepth 1 -maxdepth 1 -name '[1-9]*' ! -name '*[!0-9]*' -printf '%f\n' |
        sort -rn)
}

# What only a transaction needs. The units go after the journal, so that a boot finds either both or nothing to do; cut
# here, they do this themselves.
clear_away() {
    surely drop_units
    surely rm -rf -- "$state/resume" "$memory" "$work"
}

# All had ended but for that.
finish_clearing() {
    work=$work.closed
    generation=$(<"$work/generation")
    record=$state/generations/$generation/record
    exec 3>>"${record%/record}/log" || exec 3>/dev/null
    clear_away
    say ended "$(sed -n 's/^result\t//p' "$record" | tail -n 1)" "$generation"
    exit 0
}

# Proof that every step ran.
finish() {
    finished=yes
    exit 0
}
