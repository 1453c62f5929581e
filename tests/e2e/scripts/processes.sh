#!/usr/bin/env bash
# Prints every process of nginx and of a gunicorn as `UNIT master|worker PID@START`; START is in clock ticks since boot.
set -euo pipefail

for process in /proc/[0-9]*; do
  # A process may end at any time between these lines.
  { command=$(tr '\0' ' ' <"$process/cmdline") && group=$(<"$process/cgroup") &&
    stat=$(<"$process/stat"); } 2>/dev/null || continue
  # Nginx lets old workers finish; they are on their way out.
  [[ $command != *'is shutting down'* ]] || continue
  [[ $command == 'nginx: '* || $command == *gunicorn* ]] || continue
  unit=${group##*/}
  [[ $unit == *.service ]] || continue
  read -ra fields <<<"${stat##*) }"
  role=worker
  [[ ${fields[1]} != 1 ]] || role=master
  printf '%s %s %s@%s\n' "${unit%.service}" "$role" "${process##*/}" "${fields[19]}"
done
