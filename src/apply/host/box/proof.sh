#!/usr/bin/env bash
# Starts the new release of an app beside the live one, on a socket of its own, and asks it whether it is healthy. Runs
# in the app's box, which ends what this leaves running.
set -euo pipefail
start=$1 health=$2 checks=$3 app=$4
shift 4
folder=$(mktemp -d)
printf '%s' "$checks" >"$folder/checks.json"
bash -c "$start" start "$@" "$folder/app.sock" >"$folder/log" 2>&1 &
server=$!
python3 -I -S -B -W ignore -c "$health" "$folder/checks.json" "$folder/unhealthy" "$app" "$folder/app.sock" &
asking=$!
while kill -0 "$asking" 2>/dev/null && kill -0 "$server" 2>/dev/null; do
    sleep 0.02
done
code=0
if kill -0 "$server" 2>/dev/null; then
    wait "$asking" || code=$?
else
    kill "$asking" 2>/dev/null || true
    wait "$server" || code=$?
    printf '%s ended while it was being started, with status %s\n' "$app" "$code"
    code=1
fi
if ((code)); then
    printf '\nthe last log lines of %s:\n' "$app"
    tail -n 40 "$folder/log"
fi
# Whatever it has opened is closed in peace, if that does not take long.
kill "$server" 2>/dev/null || true
for _ in {1..20}; do
    kill -0 "$server" 2>/dev/null || break
    sleep 0.05
done
rm -rf -- "$folder"
exit "$code"
