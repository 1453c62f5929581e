#!/usr/bin/env bash
# Removes all that the kernel and systemd know of one sandbox host, whatever is left of it. The disk stays.
#
# usage: detach.sh DISK BRIDGE NETNS VETH GROUP MACHINE
set -euo pipefail

disk=$1 bridge=$2 netns=$3 veth=$4 group=$5 machine=$6

if [[ -d /run/systemd/system ]]; then
  systemctl kill --signal=KILL "$group.scope" 2>/dev/null || true
  systemctl stop "$group.scope" 2>/dev/null || true
fi

groups=()
while read -r _ mounted kind _; do
  if [[ ($kind == cgroup || $kind == cgroup2) && -d $mounted/$group ]]; then
    groups+=("$mounted/$group")
  fi
done </proc/mounts

pids=()
# Killing takes a moment, and a group can only go once its last process has: so try for some seconds.
for ((attempt = 0; ${#groups[@]} && attempt < 200; attempt++)); do
  mapfile -t pids < <(find "${groups[@]}" -name cgroup.procs -exec cat {} + 2>/dev/null | sort -un)
  for pid in "${pids[@]}"; do
    # 0 stands for a process that this namespace cannot see.
    if ((pid > 1)); then
      kill -KILL "$pid" 2>/dev/null || true
    fi
  done
  find "${groups[@]}" -depth -type d -exec rmdir {} + 2>/dev/null || true
  remaining=()
  for directory in "${groups[@]}"; do
    if [[ -d $directory ]]; then
      remaining+=("$directory")
    fi
  done
  groups=("${remaining[@]}")
  if ((${#groups[@]})); then
    sleep 0.02
  fi
done
if ((${#groups[@]})); then
  printf 'error: processes of the host do not end; look at %s\n' "${groups[0]}/cgroup.procs" >&2
  exit 1
fi

# A killed nspawn leaves its lock and its exchange directory behind.
lock=$(stat --format='inode-%d:%i' "$disk/root" 2>/dev/null || true)
rm -f "/run/systemd/nspawn/locks/$lock" 2>/dev/null || true
rm -rf "/run/systemd/nspawn/propagate/$machine" "/run/systemd/nspawn/unix-export/$machine"

while mountpoint --quiet "$disk/root"; do
  umount "$disk/root" 2>/dev/null || umount --lazy "$disk/root"
done

if [[ -e /sys/class/net/$veth ]]; then
  ip link delete "$veth"
fi
if [[ -e /run/netns/$netns ]]; then
  # The name alone is left after a reboot of this machine, as /run may be a plain directory.
  ip netns delete "$netns" 2>/dev/null || rm -f "/run/netns/$netns"
fi

# The last host takes the bridge along. A host counts by its network: its cable may be out of the bridge.
others=("/run/netns/${netns%-*}-"*)
if [[ -e /sys/class/net/$bridge && ! -e ${others[0]} ]]; then
  ip link delete "$bridge"
fi
