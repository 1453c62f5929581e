#!/usr/bin/env bash
# Prints path, inode, time of change and size of everything on this host that a run could leave a trace in.
set -euo pipefail

find / \( -path /proc -o -path /sys -o -path /run -o -path /tmp -o -path /dev -o -path /var/log \) -prune \
  -o -printf '%p %i %T@ %s\n' | sort
