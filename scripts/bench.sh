#!/usr/bin/env bash
# Times a run that changes nothing against a bare `ssh HOST true` to the same sandbox host, in turn; prints medians and
# their ratio.
#
# Two figures: with a new connection for each run, and with the connection that the run before left open (the default).
set -euo pipefail

provision=target/release/provision
runs=${1:-20}
host=bench-01
sandbox=${PROVISION_SANDBOX_DIR:-/var/lib/provision-sandbox}
folder=$(mktemp -d)
trap 'rm -rf "$folder"; "$provision" sandbox down "$host" 2>/dev/null' EXIT
export XDG_RUNTIME_DIR=$folder

"$provision" sandbox up "$host" >/dev/null
address=$("$provision" sandbox list | awk -v host="$host" '$1 == host { print $2 }')

# The example inventory for this host, with a warm connection and without.
sed -e "s|web-01|$host|g; s|203.0.113.10|$address|; /web-02: /d; s|, web-02||; s|\.\./examples|$PWD/examples|" \
    -e "s|become: true|become: true, identity: $sandbox/id_ed25519, known_hosts: $sandbox/known_hosts|" \
    inventories/airbnb.yml >"$folder/warm.yml"
sed -e 's|become: true|become: true, persist: 0s|' "$folder/warm.yml" >"$folder/cold.yml"

# The same ssh, the same key, the same host.
bare() {
    ssh -F none -o BatchMode=yes -o IdentitiesOnly=yes -o "UserKnownHostsFile=$sandbox/known_hosts" \
        -i "$sandbox/id_ed25519" -l ubuntu "$address" true
}

# Microseconds of one command.
clock() {
    local begin=${EPOCHREALTIME/./}
    "$@" >/dev/null 2>&1
    echo $((${EPOCHREALTIME/./} - begin))
}

median() {
    sort --numeric-sort "$1" | awk '{ v[NR] = $1 } END { print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'
}

"$provision" up "$host" -i "$folder/cold.yml" >/dev/null
for kind in cold warm; do
    rm -f "$folder/ssh" "$folder/up"
    for ((run = 0; run <= runs; run++)); do
        clock bare >>"$folder/ssh"
        clock "$provision" up "$host" -i "$folder/$kind.yml" >>"$folder/up"
    done
    awk -v kind="$kind" -v runs="$runs" -v up="$(median "$folder/up")" -v ssh="$(median "$folder/ssh")" 'BEGIN {
        printf "%s: up without changes %.0f ms, ssh HOST true %.0f ms, ratio %.2f (medians of %d, in turn)\n",
            kind, up / 1000, ssh / 1000, up / ssh, runs
    }'
done
