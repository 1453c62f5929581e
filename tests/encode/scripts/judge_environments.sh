#!/usr/bin/env bash
# Says which of the numbered environment files Bash or dash cannot read, or which say something while they are read.
set -euo pipefail
cd empty
for file in ../[0-9]*; do
    for shell in bash dash; do
        # The inner shell expands it.
        # shellcheck disable=SC2016
        said=$(env -i PATH="$PATH" "$shell" -euc 'set -a; . "$1"' "$shell" "$file" 2>&1) && [[ -z $said ]] ||
            echo "${file#../} is more to $shell than an environment"
    done
done
