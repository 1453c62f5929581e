#!/usr/bin/env bash
# Prints what the kernel still has of the sandbox in directory $1: mounts, processes, namespaces and interfaces.
set -uo pipefail

directory=$1
key=$(printf '%s' "$directory" | sha256sum | cut -c 1-6)

grep -F " $directory/" /proc/mounts
ip netns list | grep -F "provision-sandbox-$key-"
ip -brief link | grep -F "pvs$key"
for process in /proc/[0-9]*; do
  line=$(tr '\0' ' ' 2>/dev/null <"$process/cmdline") || continue
  [[ ${process##*/} == "$$" || $line != *"$directory/"* ]] || printf 'process %s: %s\n' "${process##*/}" "$line"
done
