#!/usr/bin/env bash
# Fuzzes every parser of what a host says, and the inventory, for so many seconds each (default 600), starting from
# fuzz/corpus. Stable Rust has no sanitizers; the parsers have no unsafe code, so what can be found are panics, hangs
# and memory.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-600}

command -v g++ >/dev/null || apt-get install --quiet --yes g++ # libFuzzer is C++
cargo fuzz --version >/dev/null 2>&1 || cargo install --locked cargo-fuzz
for folder in fuzz/corpus/*/; do
    target=$(basename "$folder")
    echo "fuzzing $target for $seconds s"
    # The first folder gets what is found; the seeds stay as they are.
    mkdir -p "fuzz/found/$target"
    cargo fuzz run --sanitizer none "$target" "fuzz/found/$target" "fuzz/corpus/$target" -- \
        -max_total_time="$seconds" -print_final_stats=1 -rss_limit_mb=1024 -timeout=20
done
