#!/usr/bin/env bash
# Prints what a transaction that has ended must not leave behind: its journal, what it prepared or kept, its units.
set -euo pipefail

find /var/lib/provision -mindepth 1 -maxdepth 1 \
  \( -name 'transaction*' -o -name incoming -o -name '*.new' -o -name resume \)
find /etc /srv /usr/local -name '.*.provision.dpkg-*'
find /etc/systemd/system -name 'provision-*'
systemctl is-active provision-transaction.service | grep -vx inactive || true
