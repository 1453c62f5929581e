#!/usr/bin/env bash
# Probation: the new state serves, the way back stays open, and what real clients get decides. A part of the script that
# lib.sh begins.
#
# A process that was killed, and a host that was restarted, go on with what is left of the time.
# Variables are shared with the other parts, functions called by them.
# shellcheck disable=SC2034,SC2154,SC2317,SC2329

readonly deaths_are_apart=10 # seconds: workers that end together, as by a reload, end once
readonly too_many_deaths=3

probation() { # SECONDS APPS...; each is APP and whether its workers end only if something is wrong
    local left=$1 app traffic='' code end saved starts=0
    local -A counts=() main=() workers=() deaths=() last=() idle=() killed=()
    shift
    while (($#)); do
        # An app that was not there has nothing to go back to.
        has_noted was path "/srv/$1/current" absent || counts[$1]=$2
        shift 2
    done
    ((${#counts[@]})) || return 0
    enter_probation
    await_services
    start_traffic
    seconds_up
    end=$((REPLY + left)) saved=$left
    while seconds_up && left=$((end - REPLY)) && ((left > 0)) && [[ ! -e $work/accept ]]; do
        # By itself it ends with a verdict. What was killed has none.
        if ! kill -0 "$traffic" 2>/dev/null; then
            code=0
            wait "$traffic" || code=$?
            ((code != 3)) || fail 'clients get too many errors'
            ((++starts < 10)) || fail 'the watch over what clients get ends early, again and again'
            start_traffic
        fi
        [[ ! -e $work/reject ]] || fail 'the user asked for the way back'
        for app in "${!counts[@]}"; do
            look_at_processes "$app"
        done
        if ((saved - left >= 5)); then
            saved=$left
            save_left
        fi
        sleep 1
    done
    kill "$traffic" 2>/dev/null || true
    wait "$traffic" || true
    rm -f -- "$work/until" "$work/becomes"
}

# From here on nothing but what is seen leads back.
enter_probation() {
    if [[ $reached == probation ]]; then
        left=$(<"$work/left")
        # What came before is gone with the process that knew it, or with the boot.
        [[ -e $memory/switched ]] || date +%s >"$memory/switched"
    else
        end_stand_ins
        save_left
        reach probation
    fi
    printf '%s\n' "$(($(date +%s) + left))" >"$work/until.new"
    mv --no-target-directory -- "$work/until.new" "$work/until"
    # Which of the live generations this one becomes.
    printf 'generation%s\n' "$own" >"$work/becomes"
    sign_probation "$(<"$work/until")"
    say on-probation "$(<"$work/until")"
}

save_left() {
    printf '%s\n' "$left" >"$work/left.new"
    mv --no-target-directory -- "$work/left.new" "$work/left"
}

# Who comes next is told by the lock, and by the record.
sign_probation() { # UNTIL
    local line=''
    read -r line <"$state/lock" || true
    printf '%s, on probation until %s\n' "${line%%, on probation until *}" "$(date -u --date="@$1" '+%F %T UTC')" \
        >"$state/lock" || true
    printf 'probation\t%s\n' "$1" >>"$record"
}

# Seconds since the host was started, in REPLY; no clock that is set changes them.
seconds_up() {
    read -r REPLY _ </proc/uptime
    REPLY=${REPLY%%.*}
}

# After a restart of the host apps and Nginx may be on their way.
await_services() {
    local app waiting deadline=$((SECONDS + 90))
    while ((SECONDS < deadline)); do
        waiting=no
        for app in "${!counts[@]}"; do
            master_of "$app"
            ((REPLY)) || waiting=yes
        done
        [[ -s /run/nginx.pid && $waiting == no ]] && return 0
        sleep 0.5
    done
}

# Not through a function: the process itself is to be a child of this one.
start_traffic() {
    python3 -I -S -B -W ignore "$work/probation.py" "$work/probation.json" \
        "$state/generations/$((generation - 1))/record" "$work/is-switching" "$work/usual" "${!counts[@]}" 3>&- 8>&- &
    traffic=$!
}

# A worker that ends is replaced, and its clients have lost an answer. Where workers end after so many requests, those
# say nothing.
look_at_processes() { # APP
    local pid ended=no
    master_of "$1"
    if ((REPLY == 0)); then
        idle[$1]=$((${idle[$1]-0} + 1))
        ((idle[$1] < 5)) || fail "$1 does not run"
        return 0
    fi
    idle[$1]=0
    [[ ${main[$1]-$REPLY} == "$REPLY" ]] || ended=yes
    if [[ $ended == no && ${counts[$1]} == yes ]]; then
        for pid in ${workers[$1]-}; do
            [[ -e /proc/$pid ]] || ended=yes
        done
    fi
    main[$1]=$REPLY
    workers[$1]=$(children_of "$REPLY")
    [[ $ended == no ]] || count_death "$1"
    out_of_memory "$1"
    ((REPLY <= ${killed[$1]-$REPLY})) ||
        fail "$1 has no memory left within its limit: the kernel killed a process of it"
    killed[$1]=$REPLY
}

count_death() { # APP
    local REPLY
    seconds_up
    [[ -z ${last[$1]-} ]] || ((REPLY - last[$1] >= deaths_are_apart)) || return 0
    last[$1]=$REPLY
    deaths[$1]=$((${deaths[$1]-0} + 1))
    ((deaths[$1] < too_many_deaths)) || fail "processes of $1 end again and again"
}

# Who was killed before there is a verdict has none: the state that was reached is gone on with. Where the host goes
# down, that is after the next boot.
end_probation() { # EXIT-CODE
    if (($1 >= 128)); then
        ! goes_down || exit 0
        exec /bin/bash "$work/run"
    fi
    rm -f -- "$work/until" "$work/becomes"
    # From here on a cut goes back as well.
    : >"$work/is-returning"
    surely sync "$work/is-returning" "$work"
    reached=switching
}
