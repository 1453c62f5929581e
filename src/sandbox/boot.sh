#!/usr/bin/env bash
# Runs one sandbox host until it is powered off: its init in systemd-nspawn, in a control group of its own.
#
# usage: boot.sh GROUP ROOT MACHINE HOSTNAME NETNS CGROUPS
#
# CGROUPS is `unified` or `legacy`: what the host's systemd understands. Started with `setsid`, so that the host
# outlives whoever started it. Killing this process cuts the host's power.
set -euo pipefail

group=$1 root=$2 machine=$3 hostname=$4 netns=$5 cgroups=$6

# Where systemd runs this machine, it owns the control groups and hands one out.
if [[ -d /run/systemd/system && -z ${PROVISION_SANDBOX_SCOPE-} ]]; then
  export PROVISION_SANDBOX_SCOPE=1
  exec systemd-run --quiet --scope --collect --unit="$group" --property=Delegate=yes \
    bash -c "$BASH_EXECUTION_STRING" boot.sh "$@"
fi

# Elsewhere each mounted hierarchy gets a directory for the host: one on a pure version 2 machine, a dozen with version
# 1.
groups=()
if [[ -n ${PROVISION_SANDBOX_SCOPE-} ]]; then
  groups+=("/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)")
else
  while read -r _ mounted kind _; do
    if [[ $kind == cgroup || $kind == cgroup2 ]]; then
      groups+=("$mounted/$group")
    fi
  done </proc/mounts
fi

# A cpuset of version 1 starts empty and takes no process before it has processors and memory.
fill_cpuset() {
  local file
  for file in cpuset.cpus cpuset.mems; do
    if [[ -f $1/$file && -z $(<"$1/$file") ]]; then
      cat "${1%/*}/$file" >"$1/$file" 2>/dev/null || true
    fi
  done
}

# This process and nspawn are in sibling groups, for a version 2 group with controllers holds no process of its own.
for directory in "${groups[@]}"; do
  for leaf in "$directory" "$directory/loop" "$directory/machine"; do
    mkdir -p "$leaf"
    fill_cpuset "$leaf"
  done
  printf '%s\n' $$ >"$directory/loop/cgroup.procs"
done

run_machine() {
  local directory
  for directory in "${groups[@]}"; do
    printf '%s\n' "$BASHPID" >"$directory/machine/cgroup.procs"
  done
  local options=(
    --quiet --directory="$root" --machine="$machine" --hostname="$hostname"
    --register=no --keep-unit --network-namespace-path="/run/netns/$netns"
    --resolv-conf=off --timezone=off --link-journal=no --console=read-only
  )
  # `--boot` takes systemd wherever it is installed, also from a host that has switched to Upstart.
  if [[ $(readlink "$root/sbin/init") == *systemd ]]; then
    options+=(--boot)
  else
    options+=(/sbin/init)
  fi
  if [[ $cgroups == unified ]]; then
    export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1
  fi
  # nspawn dies with this process, and the host with nspawn.
  exec setpriv --pdeathsig KILL systemd-nspawn "${options[@]}"
}

# With --keep-unit nspawn leaves a reboot to its caller and says so by exit status 133.
while true; do
  status=0
  (run_machine) || status=$?
  if ((status != 133)); then
    exit "$status"
  fi
done
