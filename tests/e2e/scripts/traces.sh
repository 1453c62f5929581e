#!/usr/bin/env bash
# Prints every trace of the app `green` where provision put something of it. History may tell of it.
set -euo pipefail

find /etc /srv /usr/local /var/lib/provision -name '*green*'
grep -rl --exclude-dir=generations green /etc/nginx /etc/systemd /etc/logrotate.d /var/lib/provision || true
getent passwd green || true
getent group green || true
