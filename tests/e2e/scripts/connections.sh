#!/usr/bin/env bash
# Prints how many connections sshd let in and how many commands it started since the mark of `mark.sh`, without those of
# this script: its own connection is the one in the arguments, which are those of SSH_CONNECTION.
set -euo pipefail

own_port=$2
journalctl --sync
journalctl --quiet --cursor-file=/run/e2e-mark --output=cat _COMM=sshd |
  grep -v " port $own_port\b" >/run/e2e-log || true
printf '%s %s\n' "$(grep -c '^Accepted publickey ' /run/e2e-log)" \
  "$(grep -c '^Starting session: command ' /run/e2e-log)"
