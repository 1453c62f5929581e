#!/usr/bin/env bash
# Makes this host match a plan, as one transaction: it ends with everything new, or with everything as it was.
#
# Pid 1 runs it, and runs it again if it is killed or the host loses power; then the journal says what was reached. Before
# `state committed` it is undone, after that it is finished. Each phase is in a file of its own beside this one.
# shellcheck disable=SC2034,SC2154,SC2317,SC2329  # variables are shared with the other parts, functions called by the lines that provision appends
set -Eeuo pipefail
# Without /usr/local: what packages of Python put there is nothing for root.
export LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
umask 022
cd /
state=/var/lib/provision
work=$state/transaction
memory=/run/provision-transaction # for evidence: a full disk must not swallow what it is about
output=$memory/output # what the step at work prints
declare -A staged=() # live path -> the file that will replace it
declare -A releases=() # app -> the folder of its coming release
current=0 # number of the step at work
current_title='begin'
resumed_at=0 # steps up to this one were done by an earlier process
reached=nothing # the last state in the journal
mode=run # or boot: before any service has started
finished=no
undone=yes # unless a file or a record cannot be brought back
cancelled=no
cut='' # where an earlier process was cut

# One line of tab-separated fields for whoever follows. On a full disk half of one may have been written; the next one
# ends it first.
half=''
say() { # FIELD...
    local IFS=$'\t' field
    local -a fields=()
    # What others have named ends no field and no line.
    for field; do
        fields+=("${field//[$'\t\n\r\e']/ }")
    done
    set -- "${fields[@]}"
    if printf '%s%s\n' "$half" "$*" >&3 2>/dev/null; then half=''; else half=$'\n'; fi
}

# Ends the transaction with a message for the operator.
fail() { # LINE...
    printf '%s\n' "$@" >&2
    exit 1
}

# Root's own Python: without the packages of this host, which may be of anyone's making, and without a trace on the
# disk.
run_python() { # PROGRAM-OF-OURS|-c ARGUMENT...
    if [[ $1 == *.py ]]; then
        set -- "$work/$1" "${@:2}"
    fi
    python3 -I -S -B -W ignore "$@"
}

# Runs a command that is not root's in its box, until it ends, its time is up or the user asks for an end. See box.py.
boxed() { # OPTION... -- COMMAND...
    run_python box.py --cancel="$work/cancel" "$@" 3>&- 8>&-
}

# A command of root's own, under the same limits.
limited() { # SECONDS COMMAND...
    local seconds=$1
    shift
    boxed --plain --seconds="$seconds" -- "$@"
}

# Fails with the exit status of a box, and says what it means.
fail_of_box() { # STATUS WHAT-TOO-LONG-MEANS
    ((${1:-1} != 124)) || printf '%s\n' "$2" >&2
    exit "${1:-1}"
}

# Stands still here for the tests, which then cut something; once in a transaction.
point() { # KEY
    [[ ${pause_at-} == "$1" && ! -e $work/paused ]] || return 0
    : >"$work/paused"
    say paused "$1"
    until [[ -e $state/resume ]]; do
        sleep 0.05
    done
}

# Appends to the journal.
journal() { # FIELD...
    local IFS=$'\t'
    printf '%s\n' "$*" >>"$work/journal"
}

# Reaches the next state. What was written before is on the disk before the journal says so.
reach() { # STATE
    sync_everything
    journal state "$1"
    sync "$work/journal"
    reached=$1
    [[ $1 != committed ]] || make_room
}

# The room that the door has set aside on this disk: for the way back, or for the record of what was done.
make_room() {
    rm -f -- "$work/room"
}

# Every file system that a transaction writes to, each once.
sync_everything() {
    local kind name more line device bits seen=' '
    local -a folders=("$state" /etc /srv /usr/local)
    while IFS=$'\t' read -r kind name more; do
        case $kind in
            path) folders+=("${name%/*}") ;;
            directory) folders+=("$name") ;;
            release) folders+=("${name%/*}") ;;
        esac
    done <"$work/touches"
    while read -r device bits line; do
        [[ $bits == 4??? && $seen != *" $device "* ]] || continue
        seen+="$device "
        # An app may have put anything in the place of a folder of its own, and may do so at any moment.
        sync --file-system "$line" || [[ -L $line || ! -d $line ]]
    done < <(stat --format='%d %f %n' -- "${folders[@]}" 2>/dev/null)
}

# Begins, or takes up what an earlier process left. Whoever finds the lock taken has nothing to do here.
begin() { # STEPS COMMIT-STEP MODE; `boot` before any service has started
    total=$1
    mode=${3:-run}
    exec 8>>"$state/running"
    flock --timeout 10 8 || exit 0
    [[ $0 != *.closed/run ]] || finish_clearing
    generation=$(<"$work/generation")
    record=$state/generations/$generation/record
    exec 3>>"$state/generations/$generation/log"
    trap '' HUP PIPE
    trap 'exit 143' TERM INT
    say holding
    # Where there are no control groups, what an earlier process had started may still be at work.
    exec 7>>"$work/steps"
    flock --timeout 30 7 || true
    read_journal
    trap close_transaction EXIT
    # Boxes are units of their own, which do not end with a transaction that is killed.
    ! compgen -G '/run/provision-box/*' >/dev/null || boxed --sweep || true
    rm -rf -- "$memory"
    mkdir -m 0700 -- "$memory"
    : >"$output"
    rm -f -- "$work/watch.pid"
    case $reached in
        nothing)
            journal state begun
            sync "$work/journal" "$work"
            if [[ $mode == boot || -e $work/cut || $(cat "$work/boot" 2>/dev/null) != "$(</proc/sys/kernel/random/boot_id)" ]]; then
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
        *)
            cut=$(where_it_was_cut)
            say taken-up undone "$cut"
            exit 1
            ;;
    esac
}

where_it_was_cut() {
    local line title='before its first step'
    if [[ -e $work/reason ]]; then
        printf 'on its way back, after it had failed: %s' "$(head -n 1 "$work/reason")"
        return 0
    fi
    while IFS= read -r line; do
        [[ $line != begin$'\t'* ]] || title="in the step: ${line##*$'\t'}"
    done <"$state/generations/$generation/log"
    if [[ $mode == boot ]]; then
        title+=', by a restart of the host'
    fi
    printf '%s' "$title"
}

# A line without its end was being written when the power went, and counts for nothing.
read_journal() {
    local kind word rest
    [[ -e $work/journal ]] || return 0
    while IFS=$'\t' read -r kind word rest; do
        [[ $kind != state ]] || reached=$word
    done <"$work/journal"
}

# Runs one step. What it prints is kept, and sent only if it fails. A program that a step leaves running must not keep
# the lock.
step() { # NUMBER TITLE FUNCTION WORD...
    ((resumed_at < $1)) || return 0
    current=$1
    current_title=$2
    shift 2
    if [[ -e $work/cancel && $reached != switching && $reached != committed ]]; then
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
    local code=$? result reason
    trap - EXIT
    trap '' TERM INT
    set +eE
    # The journal alone says what was reached.
    read_journal
    if [[ $reached == committed && $finished == no && $code == 143 ]]; then
        # Nothing but the clearing is left, and it can be done again: by another process, to which the signal is over.
        exec /bin/bash "$work/run" "${mode#run}"
    fi
    make_room
    stop_watch
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
        sync_everything
        [[ $undone == yes ]] || result=failed
    fi
    settle "$result" "$reason"
}

# The one line of a complaint that says most: what a traceback ends with, what apt calls an error, or how it begins.
# Apps print what they like, of any length.
summary() {
    told "$output" 1000 >"$memory/told"
    telling_lines | head --bytes=2000 | tr '\t' ' '
}

telling_lines() {
    grep --max-count=1 -E '^E: ' "$memory/told" 2>/dev/null ||
        grep -E '^[A-Za-z_.]+(Error|Exception|Exit)(:|$)' "$memory/told" 2>/dev/null | tail -n 1 | grep . ||
        sed -n '/^$/q; p' "$memory/told" 2>/dev/null | head -n 2
}

evidence() {
    told "$output" 80 | base64 --wrap=0
}

# The end of what a program printed, without secrets. It is cut to its length after that: half a secret would not be
# known for one.
told() { # FILE LINES
    tail --bytes=262144 -- "$1" 2>/dev/null | conceal | tail --lines="$2" | tail --bytes=65536
}

# Takes out the secrets of what is coming, and of what was live before. Without Python no app has run, and no program
# knows one.
conceal() {
    if ! command -v python3 >/dev/null; then
        cat
        return 0
    fi
    run_python mask.py "$work/secrets/mask.json" "$state/generation/secrets/mask.json" 2>/dev/null ||
        printf 'what was printed cannot be shown: mask.py could not take the secrets out\n'
}

# Notes how it ended and clears the journal away, by one rename. What could not be undone keeps its journal: the next
# run, or the next boot, tries again.
settle() { # RESULT REASON
    local reason=${2//$'\n'/\\n}
    {
        printf 'ended\t%s\n' "$(date +%s)"
        printf 'result\t%s\n' "$1"
        [[ -z $reason ]] || printf 'reason\t%s\n' "$reason"
    } >>"$record"
    sync "$record" 2>/dev/null
    prune_history
    if [[ $1 == failed ]]; then
        rm -rf -- "$memory"
        say ended failed "$generation"
        exit 3
    fi
    point 'before:close'
    mv --no-target-directory -- "$work" "$work.closed"
    work=$work.closed
    sync "$state"
    point 'before:clear'
    clear_away
    exec 8>&-
    say ended "$1" "$generation"
    exit 0
}

# History is bounded: the last twenty attempts, and the last two that made it.
prune_history() {
    local number kept=0 live=0
    while IFS= read -r number; do
        kept=$((kept + 1))
        [[ ! -e $state/generations/$number/desired.json ]] || live=$((live + 1))
        ((kept <= 20)) || [[ -e $state/generations/$number/desired.json && $live -le 2 ]] || rm -rf -- "$state/generations/${number:?}"
    done < <(find "$state/generations" -mindepth 1 -maxdepth 1 -name '[0-9]*' -printf '%f\n' | sort -rn)
}

# What only a transaction needs. The units go after the journal, so that a boot finds either both or nothing to do; cut
# here, they do this themselves.
clear_away() {
    rm -f /etc/systemd/system/sysinit.target.wants/provision-recovery.service /etc/systemd/system/provision-recovery.service
    rm -f /etc/init/provision-recovery.conf /etc/init/provision-transaction.conf "$state/resume"
    rm -rf -- "$memory" "$work"
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
