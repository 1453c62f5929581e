#!/usr/bin/env bash
# Shows every process of provision on this host a clock that is off by $offset; the times of files stay true.
set -euo pipefail

# Not every process of the host: sshd's sandbox kills it for a library that it does not know, and gunicorn takes a
# worker whose file seems a year old for dead, as it would not where files get their times from the same wrong clock.
printf '%s\n' LD_PRELOAD=/usr/lib/wrong-clock.so "CLOCK_OFFSET=${offset:?}" >/etc/clock
printf 'Defaults env_file=/etc/clock\n' >/etc/sudoers.d/clock
mkdir -p /run/systemd/system/provision-transaction.service.d
printf '[Service]\nEnvironmentFile=/etc/clock\n' >/run/systemd/system/provision-transaction.service.d/clock.conf
systemctl daemon-reload
