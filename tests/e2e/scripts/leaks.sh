#!/usr/bin/env bash
# Prints every file that others can read and that holds a line of /root/secrets, and such lines of the journal.
set -uo pipefail

find / /tmp /run /dev/shm -xdev -type f -perm -o=r -print0 | xargs -0 grep -lFf /root/secrets
journalctl --quiet --no-pager | grep -Ff /root/secrets
exit 0
