#!/usr/bin/env bash
# Makes this host match a plan, as one transaction: it ends with everything new, or with everything as it was.
#
# Pid 1 runs it, and runs it again if it is killed or the host loses power; then the journal says what was reached.
# Before `state committed` it is undone, after that it is finished. Here is what several parts need; each phase is in a
# file of its own, and provision puts them together with the one below init/ that this host has.
# Variables are shared with the other parts, functions are called by them.
# shellcheck disable=SC2034,SC2154,SC2317,SC2329

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
noted=() # the numbered lines of the journal, by their numbers
hints=() # its lines without a number
written=0 # the highest number
damaged=no # or lost: the journal does not say everything; or all: nor is all known that was there before
mode=run # or boot: before any service has started
finished=no
project=default # whose transaction it is; its script says so
own='' # what is added to names of which each project has its own
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

# Lets a program say no. What was killed has said nothing, and whoever asked it asks again.
unless_killed() { # COMMAND...
    local code=0
    "$@" || code=$?
    ((code < 128)) || return "$code"
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

# Where the coming and the former content of a path lie: beside it, so that one rename brings either in, even on a full
# disk. Programs that read whole folders pass over names like these.
new_name() { # PATH; the answer is in REPLY
    REPLY=${1%/*}/.${1##*/}.provision.dpkg-new
    # Settings in Python keep the end of their name: whoever reads them may ask for it.
    [[ $1 != *.py ]] || REPLY+=.py
}

old_name() { # PATH; the answer is in REPLY
    REPLY=${1%/*}/.${1##*/}.provision.dpkg-old
}

# Whether a user is there. Where that cannot be told, the step fails.
is_user() { # NAME
    local code=0
    getent passwd "$1" >/dev/null || code=$?
    ((code == 0 || code == 2)) || exit "$code"
    return "$code"
}

# Whether an app serves from that folder. It is never ours to unpack into, and never to remove.
is_live() { # FOLDER-OF-A-RELEASE
    local live
    live=$(readlink -- "${1%/releases/*}/current") || return 1
    [[ $live == "$1" && -d $1 ]]
}

exists() { # PATH
    [[ -e $1 || -L $1 ]]
}

# Whether two files are alike, links not followed.
is_same() { # PATH OTHER
    [[ -f $1 && ! -L $1 && -f $2 && ! -L $2 ]] &&
        [[ $(stat --format='%a %u %g' -- "$1") == "$(stat --format='%a %u %g' -- "$2")" ]] && cmp --silent -- "$1" "$2"
}

# When a process was started, in hundredths of a second since the boot: field 22, counted behind the name in
# parentheses, which may hold anything.
start_of() { # PID; the answer is in REPLY
    local -a fields
    REPLY=$(<"/proc/$1/stat") || return
    read -ra fields < <(printf '%s\n' "${REPLY##*) }")
    REPLY=${fields[19]}
}

# The children of a process, each behind a blank. Read from /proc: small hosts have no ps.
children_of() { # PID
    local stat line rest
    for stat in /proc/[0-9]*/stat; do
        line=''
        # A process may end between the listing and the reading.
        { IFS= read -r -d '' line <"$stat" || [[ -n $line ]]; } 2>/dev/null || continue
        # "PID (NAME) STATE PPID …": the name may hold anything, line breaks as well, so what counts begins after its
        # last ")".
        rest=${line##*) }
        [[ ${rest#? } != "$1 "* ]] || printf ' %s' "${line%% *}"
    done
}
