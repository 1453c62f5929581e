#!/usr/bin/env bash
# Puts folders on small file systems of their own: `/etc`, `/srv` and `/usr/local` on one, `/var/lib/provision` on
# another.
set -euo pipefail

put() { # NAME SIZE FOLDER...
  local small=/mnt/$1 folder
  mkdir -p "$small"
  mount -t tmpfs -o "size=$2,mode=0755" "$1" "$small"
  shift 2
  for folder in "$@"; do
    mkdir -p "$folder" "$small$folder"
    cp --archive "$folder/." "$small$folder"
    mount --bind "$small$folder" "$folder"
  done
}

mkdir -p /var/lib/provision
chmod 0700 /var/lib/provision
# The packages that apt installs from lie in /srv.
put root "$(($(du -sm /etc /srv /usr/local | awk '{ sum += $1 } END { print sum }') + 16))m" /etc /srv /usr/local
put state 8m /var/lib/provision
