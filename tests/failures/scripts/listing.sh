#!/usr/bin/env bash
# Prints kind, mode, owner and content of everything where provision puts things, apart from its history and its locks.
set -euo pipefail
shopt -s nullglob

# What apt and pip wait in below /srv is the sandbox's own: debs and wheels.
places=()
for place in /etc/{provision,nginx,systemd,logrotate.d,init,passwd,group} /srv/[!dw]* /usr/local /var/lib/provision; do
  [[ ! -e $place ]] || places+=("$place")
done
history='^/var/lib/provision/(generations|last|lock|running|loaded)([/ ]|$)'

# A folder that a step made and left behind counts, the time at which it changed does not.
find "${places[@]}" -printf '%p %y %m %u:%g %l\n' | grep -Ev "$history" | sort
find "${places[@]}" -type f | grep -Ev "$history" | sort | xargs -d '\n' sha256sum
