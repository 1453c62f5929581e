#!/usr/bin/env bash
# Prints what the service manager has at work of a transaction, or `at rest`.
set -euo pipefail

if [[ -d /run/systemd/system ]]; then
  work=$(systemctl is-active provision-transaction.service provision-recovery.service | grep -vx inactive) || true
else
  work=$(initctl list | grep '^provision-' | grep -v 'stop/waiting') || true
fi
printf '%s\n' "${work:-at rest}"
