#!/usr/bin/env bash
# Starts an app as gunicorn will run it, but with one worker and on a socket of its own. Runs in the app's box.
set -euo pipefail
python=$1 settings=$2 folder=$3 target=$4 socket=$5
exec "$python" -m gunicorn.app.wsgiapp --config "$settings" --chdir "$folder" --bind "unix:$socket" --workers 1 \
    --access-logfile /dev/null --error-logfile - "$target"
