#!/usr/bin/env bash
# Imports an app as a worker of gunicorn will, and sees that its logs can be written. Runs in the app's box.
set -euo pipefail
python=$1 settings=$2 folder=$3 target=$4
shift 4
"$python" -m gunicorn.app.wsgiapp --check-config --config "$settings" --chdir "$folder" "$target"
# gunicorn opens its logs only when it starts: a reload would take over settings that the next start dies of.
exec "$python" -c '
import os, sys
settings = {}
with open(sys.argv[1]) as file:
    exec(file.read(), settings)
for path in (settings.get("accesslog"), settings.get("errorlog")):
    if path in (None, "-"):
        continue
    place = path if os.path.exists(path) else os.path.dirname(path)
    # What will be its own at the switch is still of another user.
    if {place, os.path.dirname(path)}.isdisjoint(sys.argv[2:]) and not os.access(place, os.W_OK):
        sys.exit("{}: the app cannot write its log there".format(path))
' "$settings" "$@"
