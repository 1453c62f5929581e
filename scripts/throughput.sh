#!/usr/bin/env bash
# Measures the rendered stack against the plain one of many tutorials, on one sandbox host, in turn; prints medians and
# their ratio.
#
# The tutorial's: gunicorn with three sync workers on a Unix socket, `include proxy_params; proxy_pass`, the
# distribution's nginx.conf. Asked for are the example's one-line page and a file of 100 kB, over 64 connections. Needs
# wrk.
#
# usage: throughput.sh [ROUNDS [SECONDS [KEYS]]]   KEYS: further keys of the app, such as `, threads: 4, keepalive: 32`
set -euo pipefail

provision=target/release/provision
rounds=${1:-5} seconds=${2:-8} keys=${3:-}
host=throughput-01
sandbox=${PROVISION_SANDBOX_DIR:-/var/lib/provision-sandbox}
folder=$(mktemp -d)
trap 'rm -rf "$folder"; "$provision" sandbox down "$host" 2>/dev/null' EXIT
export XDG_RUNTIME_DIR=$folder

"$provision" sandbox up "$host" >/dev/null
address=$("$provision" sandbox list | awk -v host="$host" '$1 == host { print $2 }')

cp -r examples/airbnb "$folder/code"
head --bytes=75000 /dev/urandom | base64 --wrap=0 | head --bytes=100000 >"$folder/code/web_dynamic/static/large.txt"
cat >"$folder/inventory.yml" <<INVENTORY
# The example's one-line page and a folder of files, with what is usual for everything else.
version: 1
ssh: { user: ubuntu, become: true, identity: $sandbox/id_ed25519, known_hosts: $sandbox/known_hosts }
apps:
  hello:
    { source: { path: code }, wsgi: "web_flask.0-hello_route:app", bind: "unix:/run/hello.sock",
      python: { install: system, requirements: requirements.txt }$keys }
sites:
  main: { routes: { /airbnb-onepage/: { app: hello }, /static/: { app: hello, files: web_dynamic/static } } }
hosts: { $host: { address: $address, sites: [main] } }
INVENTORY
"$provision" up -i "$folder/inventory.yml" >/dev/null

"$provision" sandbox ssh "$host" sudo bash -s <<'TUTORIAL'
# Sets up the same code as tutorials do, beside what is there, on port 8080.
set -euo pipefail
cat >/etc/systemd/system/tutorial.service <<'UNIT'
# Gunicorn as in a tutorial.
[Unit]
After=network.target
[Service]
User=www-data
Group=www-data
WorkingDirectory=/srv/hello/current
RuntimeDirectory=tutorial
ExecStart=/usr/bin/python3 -m gunicorn.app.wsgiapp --workers 3 --bind unix:/run/tutorial/app.sock \
    web_flask.0-hello_route:app
[Install]
WantedBy=multi-user.target
UNIT
cat >/etc/nginx/sites-enabled/tutorial <<'SITE'
# Nginx as in a tutorial.
server {
    listen 8080;
    server_name _;
    location /static/ {
        alias /srv/hello/current/web_dynamic/static/;
    }
    location / {
        include proxy_params;
        proxy_pass http://unix:/run/tutorial/app.sock;
    }
}
SITE
systemctl daemon-reload
systemctl start tutorial
nginx -t -q
systemctl reload nginx
sleep 2
TUTORIAL

# Appends requests a second and the 99th percentile in milliseconds.
ask() { # NAME URL
    local report
    report=$(wrk --threads 2 --connections 64 --duration "${seconds}s" --latency "$2")
    if grep -q 'Non-2xx\|Socket errors' <<<"$report"; then
        printf 'error: %s\n%s\n' "$2" "$report" >&2
        exit 1
    fi
    awk '$1 == "99%" { p99 = $2 } $1 == "Requests/sec:" { rate = $2 } END {
        factor = p99 ~ /us$/ ? 0.001 : p99 ~ /ms$/ ? 1 : 1000
        print rate, p99 * factor
    }' <<<"$report" >>"$folder/$1"
}

median() { # NAME COLUMN
    awk -v column="$2" '{ print $column }' "$folder/$1" | sort --numeric-sort |
        awk '{ v[NR] = $1 } END { print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'
}

for path in airbnb-onepage/ static/large.txt; do
    rm -f "$folder/ours" "$folder/tutorial"
    ask warm "http://$address/$path"
    ask warm "http://$address:8080/$path"
    for ((round = 0; round < rounds; round++)); do
        ask ours "http://$address/$path"
        ask tutorial "http://$address:8080/$path"
    done
    awk -v path="$path" -v ours="$(median ours 1)" -v ours99="$(median ours 2)" \
        -v theirs="$(median tutorial 1)" -v theirs99="$(median tutorial 2)" 'BEGIN {
        printf "/%s: rendered %.0f requests/s (p99 %.1f ms), tutorial %.0f (p99 %.1f ms), ratio %.2f\n",
            path, ours, ours99, theirs, theirs99, ours / theirs
    }'
done
