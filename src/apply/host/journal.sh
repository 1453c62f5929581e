#!/usr/bin/env bash
# The journal: what has been reached, what was there before, what acted. It is on the disk before what it speaks of.
# A part of the script that lib.sh begins.
# Variables are shared with the other parts, functions are called by them.
# shellcheck disable=SC2034,SC2154,SC2317,SC2329

# Appends to the journal: a number, a checksum and the text. What a subshell notes has no number, for it cannot tell the
# next one.
journal() { # FIELD...
    local IFS=$'\t' number=- REPLY
    if ((BASH_SUBSHELL == 0)); then
        number=$((++written))
        noted[number]=$*
    fi
    checksum "$number $*"
    printf '%s\t%s\t%s\n' "$number" "$REPLY" "$*" >>"$work/journal"
}

# Tells texts apart that differ. Bash counts by itself: another program could be killed in the middle of it.
checksum() { # TEXT; the answer is in REPLY
    local i code sum=5381
    for ((i = 0; i < ${#1}; i++)); do
        printf -v code %d "'${1:i:1}"
        sum=$(((sum * 33 + code) & 0x7fffffff))
    done
    REPLY=$sum
}

# Reaches the next state. What was written before is on the disk before the journal says so.
reach() { # STATE
    sync_everything
    journal state "$1"
    sync "$work/journal"
    reached=$1
    [[ $1 != committed ]] || rm -f -- "$work/room/state"
    # For a journal that is lost: nothing of what comes next is done before this is there.
    printf '%s\n' "$written" >"$work/is-$1"
    sync "$work/is-$1" "$work"
}

# The room that the door has set aside on this disk: for the way back, or for the record of what was done. What the
# last state needs is apart.
make_room() {
    rm -rf -- "$work/room"
}

# Every file system that a transaction writes to, each once.
sync_everything() {
    local kind name more line device bits seen=' '
    local -a folders=("$state" /etc /srv /usr/local)
    while IFS=$'\t' read -r kind name more; do
        case $kind in
            path | log) folders+=("${name%/*}") ;;
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

# Reads what is noted. A line that was being written when the power went counts for nothing. What was there before is
# in a copy as well, and how far it went in the names of files, for a disk may lose a part of the journal.
read_journal() {
    local file line
    local -a lines
    noted=() hints=() written=0 damaged=no
    for file in "$work/before" "$work/journal"; do
        [[ -e $file ]] || continue
        mapfile -t lines <"$file"
        for line in "${lines[@]+"${lines[@]}"}"; do
            [[ -z $line ]] || read_line "$line"
        done
    done
    # A number that is missing was lost, and all were where the file says nothing.
    if [[ -e $work/journal ]] && ((${#noted[@]} != written || written == 0)); then
        damaged=lost
    fi
    for line in begun switching probation committed; do
        ! has_noted state "$line" || reached=$line
        [[ ! -e $work/is-$line ]] || is_whole "$work/is-$line" || damaged=lost
        [[ ! -e $work/is-$line ]] || reached=$line
    done
    [[ ! -e $work/is-returning ]] || reached=switching
    [[ $damaged == no ]] || fill_gaps
}

# Whether as much is noted as there was when a state was reached.
is_whole() { # FILE-OF-THE-STATE
    local number=''
    read -r number <"$1" || true
    [[ -n $number && $number != *[!0-9]* ]] && ((written >= number))
}

# What the journal has lost the disk has to say: what lies beside a file was there, and a service that runs may have
# taken up anything.
fill_gaps() {
    local kind name more state number
    for ((number = 1; number <= written; number++)); do
        [[ -n ${noted[number]-} ]] || break
        # What was there before is known to the end.
        [[ ${noted[number]} != noted ]] || return 0
    done
    damaged=all
    while IFS=$'\t' read -r kind name more; do
        [[ $kind != log ]] || noted[++written]=was$'\t'log$'\t'$name$'\t'$more
        [[ $kind == path || $kind == service ]] || continue
        for state in present absent active inactive; do
            ! has_noted was "$kind" "$name" "$state" || continue 2
        done
        noted[++written]=was$'\t'$kind$'\t'$name$'\t'unknown
    done <"$work/touches"
}

# One line. What the copy has said as well needs no second look.
read_line() { # NUMBER<TAB>CHECKSUM<TAB>TEXT
    local number=${1%%$'\t'*} text=${1#*$'\t'} REPLY
    local sum=${text%%$'\t'*}
    text=${text#*$'\t'}
    if [[ $number == - || ($number != *[!0-9]* && ${#number} -lt 9) ]]; then
        [[ ${noted[${number/-/0}]-} != "$text" || $number == - ]] || return 0
        checksum "$number $text"
        if [[ $REPLY == "$sum" && $number == - ]]; then
            hints[${#hints[@]}]=$text
        elif [[ $REPLY == "$sum" ]]; then
            noted[number]=$text
            ((number <= written)) || written=$number
        fi
    fi
}

# Whether the journal has this line.
has_noted() { # FIELD...
    local IFS=$'\t' line
    for line in "${noted[@]+"${noted[@]}"}" "${hints[@]+"${hints[@]}"}"; do
        [[ $line != "$*" ]] || return 0
    done
    return 1
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
    [[ $damaged == no ]] || title+='; its journal is damaged, so what lies beside the files decides'
    printf '%s' "$title"
}

# Runs a command again that something kills, such as a shortage of memory: ten times at most.
surely() { # COMMAND...
    local code tries=0
    while :; do
        code=0
        "$@" || code=$?
        ((code >= 128 && ++tries < 10)) || return "$code"
    done
}

# Goes on after what fails, for the rest can be brought back all the same, and notes that something did. What was killed
# says nothing about what it was to do: the whole step is made again.
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
    ((code < 128)) || exit "$code"
    ((code == 0)) || missed=yes
}

# Calls a function for every line of the journal that notes one kind, the last one first.
for_each() { # KIND FUNCTION
    local number name text
    for ((number = written; number > 0; number--)); do
        text=${noted[number]-}
        [[ $text == was$'\t'"$1"$'\t'* ]] || continue
        text=${text#was$'\t'"$1"$'\t'}
        name=${text%%$'\t'*}
        attempt "$2" "$name" "${text#"$name"$'\t'}"
    done
}

# What a service did in this transaction, if anything.
acted() { # SERVICE; the answer is in REPLY
    local kind line
    REPLY=nothing
    for line in "${noted[@]+"${noted[@]}"}"; do
        [[ $line == acted$'\t'*$'\t'"$1" ]] || continue
        kind=${line#*$'\t'}
        kind=${kind%%$'\t'*}
        # Started where it ran already, it was only enabled.
        [[ $kind == start && $REPLY != nothing ]] || REPLY=$kind
    done
    [[ $REPLY != nothing || $damaged == no ]] || REPLY=restart
    ! has_noted returned "$1" || REPLY=nothing
}
