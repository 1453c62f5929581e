#!/usr/bin/env bash
# The journal: what has been reached, what was there before, what acted. It is on the disk before what it speaks of.
# A part of the script that lib.sh begins.
# shellcheck disable=SC2034,SC2154,SC2317,SC2329  # variables are shared with the other parts, functions called by them

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

# A line without its end was being written when the power went, and counts for nothing.
read_journal() {
    local kind word rest
    [[ -e $work/journal ]] || return 0
    while IFS=$'\t' read -r kind word rest; do
        [[ $kind != state ]] || reached=$word
    done <"$work/journal"
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

# Goes on after what fails, for the rest can be brought back all the same, and notes that something did.
missed=no
attempt() { # FUNCTION WORD...
    local code
    # Not as a condition, for the same reason.
    set +e
    (
        set -e
        "$@"
    )
    code=$?
    set -e
    ((code == 0)) || missed=yes
}

# Calls a function for every line of the journal that notes one kind, the last one first.
for_each() { # KIND FUNCTION
    local what kind name more
    while IFS=$'\t' read -r what kind name more; do
        [[ $what != was || $kind != "$1" ]] || attempt "$2" "$name" "$more"
    done < <(tac -- "$work/journal")
}

# What a service did in this transaction, if anything.
acted() { # SERVICE; the answer is in REPLY
    local what kind name
    REPLY=nothing
    while IFS=$'\t' read -r what kind name; do
        case $what in
            # Started where it ran already, it was only enabled.
            acted) [[ $name != "$1" || ($kind == start && $REPLY != nothing) ]] || REPLY=$kind ;;
            returned) [[ $kind != "$1" ]] || REPLY=nothing ;;
        esac
    done <"$work/journal"
}
