#!/usr/bin/env bash
# Looks at every crate by cargo-deny and deny.toml: licences, sources, duplicates, and advisories where their database
# can be had.
set -euo pipefail
cd "$(dirname "$0")/.."

command -v cargo-deny >/dev/null || cargo install --locked cargo-deny
cargo deny --log-level error --locked check licenses sources bans
# The database is a repository of its own. Without it the rest still counts, and a CI job can demand it.
if cargo deny --log-level error fetch db; then
    cargo deny --log-level error --locked --offline check advisories
elif [[ ${PROVISION_REQUIRE_ADVISORIES-} == 1 ]]; then
    echo 'error: the database of advisories, https://github.com/rustsec/advisory-db, cannot be had' >&2
    exit 1
else
    echo '*** SKIPPED: the database of advisories, https://github.com/rustsec/advisory-db, cannot be had ***' >&2
fi
