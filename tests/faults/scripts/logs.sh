#!/usr/bin/env bash
# Takes away the logs of an app that keeps none in this state: they outlive it, and a folder that was there before a
# run came is the host's, so that the next change back would not remove it.
set -euo pipefail

[[ -e /etc/logrotate.d/blue ]] || rm -rf /var/log/blue
