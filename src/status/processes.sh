#!/usr/bin/env bash
# Tells which processes run the apps and whether the apps answer; writes nothing.
#
# provision appends the call of `report`. Each fact is one line of tab-separated fields.
# shellcheck disable=SC2317,SC2329  # the functions are called by the lines that provision appends
set -uo pipefail
export LC_ALL=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

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
        { read -r line <"$stat"; } 2>/dev/null || continue
        pid=${line%% *}
        # "PID (NAME) STATE PPID …": the name may hold anything, so what counts begins after its last ")".
        line=${line##*) }
        parent=${line#* }
        parent=${parent%% *}
        if [[ -n ${apps[$pid]-} ]]; then
            # Field 22 is the start in clock ticks of uptime, a hundred a second on every Linux that Debian or Ubuntu ships.
            read -ra fields < <(printf '%s\n' "$line")
            printf 'master\t%s\t%s\t%s\n' "${apps[$pid]}" "$pid" "$((${uptime%.*} - fields[19] / 100))"
        elif [[ -n ${apps[$parent]-} ]]; then
            cwd=$(readlink -- "/proc/$pid/cwd") || continue
            printf 'worker\t%s\t%s\t%s\n' "${apps[$parent]}" "$pid" "$cwd"
        fi
    done
}

# Through pipes, so that nothing is written, and nothing is to be seen in a list of processes.
report_health() { # PROGRAM CHECKS
    local answer code=0 line
    answer=$(python3 <(printf '%s' "$1") <(printf '%s' "$2") /dev/null 2>&1) || code=$?
    while IFS= read -r line; do
        [[ -z $line ]] || printf 'complaint\t%s\n' "$line"
    done < <(printf '%s\n' "$answer")
    printf 'asked\t%s\n' "$code"
}

report() { # PROGRAM CHECKS (APP PID)...
    printf 'processes\n'
    report_health "$1" "$2"
    shift 2
    report_processes "$@"
    printf 'end\n'
}
