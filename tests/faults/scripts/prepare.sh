#!/usr/bin/env bash
# Brings a host to where a trial begins: without the releases and logs of the state before, and with a folder to mend.
set -euo pipefail

for folder in /srv/*/releases/*/; do
  folder=${folder%/}
  [[ $(readlink "${folder%/releases/*}/current") == "$folder" ]] || rm -rf "$folder"
done
# An app's logs outlive it.
[[ -e /etc/logrotate.d/blue ]] || rm -rf /var/log/blue
chmod 0711 /etc/provision/blue
rm -f /var/lib/provision/resume
