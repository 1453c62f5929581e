#!/usr/bin/env bash
# Rehearses inventories/airbnb.yml on the sandbox host web-01 and shows its four routes answering through Nginx.
set -euo pipefail

provision=target/release/provision

# Asks for one path and compares the answer; the body may hold more than the expected text.
ask() { # PATH EXPECTED
    local answer code body found
    answer=$(curl --silent --max-time 10 --write-out '\n%{http_code}' "http://$address$1")
    code=${answer##*$'\n'}
    body=${answer%$'\n'*}
    found=$(grep --fixed-strings --max-count=1 "$2" <<<"$body" || true)
    printf '  %s  http://%s%-38s %s\n' "$code" "$address" "$1" "$found"
    [[ $code == 200 && $body == *"$2"* ]] || { echo "expected 200 and: $2" >&2; exit 1; }
}

echo '# the first run installs everything:'
"$provision" up web-01 --sandbox -i inventories/airbnb.yml
address=$("$provision" sandbox list | awk '$1 == "web-01" { print $2 }')

echo '# four routes through Nginx on port 80:'
ask /airbnb-onepage/ 'Hello HBNB!'
ask /airbnb-dynamic/number_odd_or_even/98 'Number: 98 is even'
ask /api/v1/status '"status"'
ask / '<title>'

echo '# a second run finds nothing to do:'
"$provision" up web-01 --sandbox -i inventories/airbnb.yml

cat <<EOF
# web-01 stays up: look at http://$address/ or log in by
#   $provision sandbox ssh web-01
# and remove it by
#   $provision sandbox down web-01
EOF
