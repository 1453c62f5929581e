#!/usr/bin/env bash
# Fails, saying why, unless a host is ready for the next run: both locks free, nothing of a transaction left.
set -euo pipefail
cd /var/lib/provision

for lock in lock running; do
  flock --nonblock "$lock" true || {
    echo "$lock is taken"
    exit 1
  }
done
for left in transaction transaction.closed incoming resume generation.new owned.new last.new; do
  [[ ! -e $left && ! -L $left ]] || {
    echo "$left is left"
    exit 1
  }
done
