#!/usr/bin/env bash
# Tells which processes run the apps and whether the apps answer; writes nothing.
#
# provision appends the call of `report`. Each fact is one line of tab-separated fields.
# The functions are called by the lines that provision appends.
# shellcheck disable=SC2317,SC2329
set -uo pipefail
export LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin

# Main processes, how many seconds they are up, and their children with the folders that these work in.
report_processes() { # (APP PID)...
    local stat line pid parent cwd uptime
    local -a fields
    local -A apps=() # main process -> its app
    while (($#)); do
        apps[$2]=$1
        shift 2
    done
    read -r uptime _ </proc/uptime
    for stat in /proc/[0-9]*/stat; do
        # A process may end between the listing and the reading.
        { IFS= read -r -d '' line <"$stat"; } 2>/dev/null
        [[ -n $line ]] || continue
        pid=${line%% *}
        # "PID (NAME) STATE PPID …": the name may hold anything, line breaks too, so what counts begins after its last
        # ")".
        line=${line##*) }
        parent=${line#* }
        parent=${parent%% *}
        [[ $pid != *[!0-9]* && $parent != *[!0-9]* ]] || continue
        if [[ -n ${apps[$pid]-} ]]; then
            # Field 22 is the start in clock ticks of uptime, a hundred a second on every Linux that Debian or Ubuntu
            # ships.
            read -ra fields < <(printf '%s\n' "$line")
            printf 'master\t%s\t%s\t%s\n' "${apps[$pid]}" "$pid" "$((${uptime%.*} - fields[19] / 100))"
        elif [[ -n ${apps[$parent]-} ]]; then
            cwd=$(readlink -- "/proc/$pid/cwd") || continue
            # The app names its folders; with a line break in it, one would speak for us.
            cwd=${cwd//[$'\n\t']/ }
            printf 'worker\t%s\t%s\t%s\n' "${apps[$parent]}" "$pid" "$cwd"
        fi
    done
}

# Runs the health checks. What the program complains of, behind the app's name, is its standard output, 3; what Python
# says of the program is another matter, and comes last, behind the exit code. Through pipes, so that nothing is
# written, and nothing is to be seen in a list of processes.
ask() { # PROGRAM CHECKS
    local code=0 said
    said=$(python3 -I -S -W ignore <(printf '%s' "$1") <(printf '%s' "$2") /dev/null by-app 2>&1 >&3 3>&-) || code=$?
    printf '\n%s %s' "$code" "${said//[$'\n\t']/ }"
}

report_health() { # PROGRAM CHECKS
    local answer line last
    answer=$(ask "$1" "$2" 3>&1)
    last=${answer##*$'\n'}
    while IFS= read -r line; do
        [[ -z $line ]] || printf 'complaint\t%s\n' "${line:0:2000}"
    done < <(printf '%s\n' "${answer%$'\n'*}")
    [[ $last == *' ' ]] || printf 'said\t%s\n' "${last#* }"
    printf 'asked\t%s\n' "${last%% *}"
}

report() { # PROGRAM CHECKS (APP PID)...
    printf 'processes\n'
    report_health "$1" "$2"
    shift 2
    report_processes "$@"
    printf 'end\n'
}
