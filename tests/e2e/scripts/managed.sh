#!/usr/bin/env bash
# Prints kind, mode, owner, inode, time of change and digest of everything where provision puts things.
set -euo pipefail

places=(/etc /srv /usr/local /var/lib/provision)
find "${places[@]}" -printf '%p %y %m %u:%g %i %T@ %l\n' | sort
find "${places[@]}" -type f -print0 | sort -z | xargs -0 sha256sum
