#!/usr/bin/env bash
# Runs on a sandbox host: waits until it has booted, then says how that went on its only line of output.
set -euo pipefail

# Upstart knows no such state: its jobs are started once the runlevel is reached.
if ! [[ -d /run/systemd/system ]]; then
  for ((attempt = 0; attempt < 600; attempt++)); do
    if [[ $(runlevel) == *' 2' ]]; then
      printf 'running\n'
      exit
    fi
    sleep 0.05
  done
fi

# `--wait` is younger than the systemd of Ubuntu 16.04.
for ((attempt = 0; attempt < 600; attempt++)); do
  state=$(systemctl is-system-running 2>/dev/null || true)
  case $state in
    running | degraded | maintenance | stopping) break ;;
  esac
  sleep 0.05
done
printf '%s\n' "${state:-unknown}"
if [[ $state == degraded ]]; then
  systemctl --failed --no-legend --plain | sed 's/ .*//' | paste -sd ' '
fi
