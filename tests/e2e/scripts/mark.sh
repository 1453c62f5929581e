#!/usr/bin/env bash
# Marks the place in the journal that `connections.sh` counts from.
set -euo pipefail

journalctl --sync
journalctl --quiet --cursor-file=/run/e2e-mark >/dev/null
