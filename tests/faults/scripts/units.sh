#!/usr/bin/env bash
# Prints one line for each unit that a change can touch: its name, and what the service manager says of it.
set -euo pipefail

if [[ ! -d /run/systemd/system ]]; then
  # Without their processes, which change.
  for job in blue red green nginx cron; do
    printf '%s %s\n' "$job" "$(initctl status "$job" 2>/dev/null | sed 's/, process.*//' || true)"
  done
  exit
fi
systemctl show --property=Id,LoadState,ActiveState,UnitFileState,NeedDaemonReload -- \
  blue.service blue.socket red.service red.socket green.service green.socket nginx.service cron.service |
  awk 'BEGIN { RS = ""; FS = "\n" }
    {
      id = ""; rest = ""
      for (field = 1; field <= NF; field++) {
        if (sub(/^Id=/, "", $field)) id = $field; else rest = rest " " $field
      }
      print id rest
    }'
printf 'transaction %s\n' "$(systemctl is-active provision-transaction.service || true)"
printf 'recovery %s\n' "$(systemctl is-active provision-recovery.service || true)"
printf 'failed %s\n' "$(systemctl list-units --state=failed --no-legend --plain | cut -d ' ' -f 1 | paste -sd ' ')"
