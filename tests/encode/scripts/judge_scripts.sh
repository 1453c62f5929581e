#!/usr/bin/env bash
# Says which of the numbered scripts are none, or do not come as far as telling what they are for.
set -euo pipefail
cd empty
for file in ../[0-9]*; do
    bash -n "$file" 2>/dev/null || echo "${file#../} is not Bash"
    env -i PATH="$PATH" bash "$file" --help >/dev/null 2>&1 || echo "${file#../} cannot say what it is for"
done
