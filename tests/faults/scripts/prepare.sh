#!/usr/bin/env bash
# Brings a host to where a trial begins: without the releases of the state before, and with a folder to mend.
set -euo pipefail

for folder in /srv/*/releases/*/; do
  folder=${folder%/}
  [[ $(readlink "${folder%/releases/*}/current") == "$folder" ]] || rm -rf "$folder"
done
chmod 0711 /etc/provision/blue
rm -f /var/lib/provision/resume
