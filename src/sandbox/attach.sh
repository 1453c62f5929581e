#!/usr/bin/env bash
# Gives one sandbox host its root file system and its network, before it boots.
#
# usage: attach.sh BASE DISK BRIDGE CONTROLLER NETNS VETH MAC ADDRESS INSTANCES
#
# CONTROLLER and ADDRESS are written with their prefix length; INSTANCES is how many inotify instances all hosts may
# need.
set -euo pipefail

base=$1 disk=$2 bridge=$3 controller=$4 netns=$5 veth=$6 mac=$7 address=$8 instances=$9

# systemd needs about five inotify instances per host, and the kernel grants root 128 in all: enough for some 24 hosts.
limit=/proc/sys/fs/inotify/max_user_instances
if (($(<"$limit") < instances)); then
  printf '%s\n' "$instances" >"$limit"
fi

# `redirect_dir` lets programs rename directories of the shared root, as they can on a real disk.
mount -t overlay overlay \
  -o "lowerdir=$base,upperdir=$disk/upper,workdir=$disk/work,redirect_dir=on" "$disk/root"

if ! [[ -e /sys/class/net/$bridge ]]; then
  ip link add "$bridge" type bridge
  ip address add "$controller" dev "$bridge"
  ip link set "$bridge" up
fi

ip netns add "$netns"
# The address keeps its MAC, or the controller's neighbour table would point at the last host that had it.
ip link add "$veth" type veth peer name eth0 address "$mac" netns "$netns"
ip link set "$veth" master "$bridge" up
ip -n "$netns" link set lo up
ip -n "$netns" address add "$address" dev eth0
ip -n "$netns" link set eth0 up
