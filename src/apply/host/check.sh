#!/usr/bin/env bash
# Checks the coming state on the host before anything live is touched. A part of the script that lib.sh begins.
# Variables are shared with the other parts, functions are called by them.
# shellcheck disable=SC2034,SC2154,SC2317,SC2329

# Really imports the app, in its box, from the coming release with the coming settings.
check_app() { # APP USER ID PYTHON SETTINGS WSGI PATIENCE NUMBER COMING...
    local folder=/srv/$1/releases/$3 link=/srv/$1/current code=0
    releases[$1]=$folder
    # Settings may name `current`, which then has to exist. Before the first release nothing reads it.
    if [[ ! -e $link ]]; then
        # It may point at a release that someone has removed.
        rm -f -- "$link"
        journal made "$link"
        ln -s -- "$folder" "$link"
    fi
    as_app "$1" "$2" "$7" "$folder" \
        bash -c "$(<"$work/files/$8")" check_app "$4" "$(coming "$5")" "$folder" "$6" "${@:9}" || code=$?
    ((code)) || return 0
    [[ -s $output ]] || printf 'the import ended with status %s and printed nothing\n' "$code"
    fail_of_box "$code" "the import of $6 did not end within $7 seconds (\`health: { timeout: … }\`)"
}

# Starts new releases in their boxes beside what is live, and asks each as it will be asked later: one that does not
# work has then been seen by nobody. As many at once as have a processor, and one more, which may be waiting.
prove_apps() { # PROOFS...; each is APP USER ID PYTHON SETTINGS WSGI PATIENCE NUMBER
    local most failed=0
    local -a apps=() waiting=()
    most=$(($(nproc) + 1))
    while (($#)); do
        ((${#apps[@]} < most)) || proven_first
        prove_app "${@:1:8}" >"$memory/proof-$1" 2>&1 &
        apps+=("$1") waiting+=("$!")
        shift 8
    done
    while ((${#apps[@]})); do
        proven_first
    done
    return "$failed"
}

# Waits for the oldest of the proofs under way, and shows what is wrong with it.
proven_first() {
    local code=0
    wait "${waiting[0]}" || code=$?
    if ((code)); then
        failed=$code
        cat -- "$memory/proof-${apps[0]}"
    fi
    apps=("${apps[@]:1}") waiting=("${waiting[@]:1}")
}

prove_app() { # APP USER ID PYTHON SETTINGS WSGI PATIENCE NUMBER
    local folder=/srv/$1/releases/$3 since=$SECONDS code=0
    local proofs=$work/proofs.json requests='' patience=$((2 * $7 + 10))
    # Of an app that was not there nobody has asked anything.
    if [[ -e $work/rehearsals/$1.json ]] && ! has_noted was path "/srv/$1/current" absent; then
        # Half a minute, and one request more, by health.py.
        proofs=$memory/proofs-$1.json patience=$((patience + 40))
        requests=$(run_python rehearse.py "$work/rehearsals/$1.json" "$state/generation$own/checks.json" \
            "$work/proofs.json" "$1" "$proofs")
    fi
    as_app "$1" "$2" "$patience" "$folder" bash -c "$(<"$work/proof.sh")" prove_app "$(<"$work/files/$8")" \
        "$(<"$work/health.py")" "$(<"$proofs")" "$1" "$4" "$(coming "$5")" "$folder" "$6" || code=$?
    ((code == 0)) || fail_of_box "$code" "the new $1 was not healthy within $7 seconds (\`health: { timeout: … }\`)"
    [[ -z $requests ]] || say rehearsed "$1" "$requests"
    # How long it takes until it works.
    printf '%s\n' $((SECONDS - since)) >"$memory/proven-$1"
}

# A release that is there already may have come before there was a gate.
check_release() { # APP ID
    admit inspect "/srv/$1/releases/$2"
}

check_units() { # PATHS...
    local path app copy drop_in code=0
    local -a copies=()
    mkdir -p "$work/units"
    for path in "$@"; do
        copy=$work/units/${path##*/}
        cp -- "$(coming "$path")" "$copy"
        # The live release may lack the program that the coming one brings: a virtual environment's Python.
        for app in "${!releases[@]}"; do
            sed -i "s|^\\(Exec[A-Za-z]*\\)=/srv/$app/current/|\\1=${releases[$app]}/|" "$copy"
        done
        copies+=("$copy")
    done
    limited 120 systemd-analyze verify "${copies[@]}" 2>&1 | tee "$work/verified" || code=$?
    ((code != 75 && code != 124)) || fail_of_box "$code" 'systemd did not verify its units within 2 minutes'
    # What systemd does not understand it passes over, and the protection that was meant goes with it.
    if ((code == 0)) && grep --quiet --fixed-strings "$work/units/" "$work/verified"; then
        code=1
    fi
    ((code)) || return 0
    # They belong to the unit, and systemd does not say what comes from them.
    for path in "$@"; do
        for drop_in in {/etc,/run,/usr/lib}/systemd/system/"${path##*/}".d/*.conf; do
            [[ ! -e $drop_in ]] || printf '%s has a drop-in: %s\n' "${path##*/}" "$drop_in"
        done
    done
    return "$code"
}

check_jobs() { # PATHS...
    local path
    command -v init-checkconf >/dev/null || return 0
    mkdir -p "$work/jobs"
    for path in "$@"; do
        # It reads only what is called like a job.
        cp -- "$(coming "$path")" "$work/jobs/${path##*/}"
        timeout --kill-after=5 120 init-checkconf "$work/jobs/${path##*/}"
    done
}

# Reads the complete coming tree as Nginx does: a copy, mounted over the live one for this one process alone.
check_nginx() { # REQUESTS THREADS CHANGES...; each is file PATH, link PATH TO, or gone PATH
    local tree=$work/nginx path code=0 requests=$1 threads=$2
    shift 2
    # Whoever removed Nginx by hand leaves nothing to check.
    command -v nginx >/dev/null || return 0
    cp --archive /etc/nginx "$tree"
    find "$tree" -name '.*.provision.dpkg-*' -delete
    while (($#)); do
        path=$tree/${2#/etc/nginx/}
        rm -f -- "$path"
        case $1 in
            file)
                # Folders of certificates and pages are made at the switch.
                mkdir -p -- "${path%/*}"
                cp --preserve -- "$(coming "$2")" "$path"
                ;;
            link)
                # Debian's welcome site comes back only where the package still has it.
                [[ $2 == */sites-enabled/default && ! -e $3 ]] || ln -s -- "$3" "$path"
                shift
                ;;
        esac
        shift 2
    done
    # The inner shell expands.
    # shellcheck disable=SC2016
    limited 120 unshare --mount -- bash -c 'mount --bind "$1" /etc/nginx && exec nginx -T >"$2"' \
        check_nginx "$tree" "$work/nginx-tree" 2>"$work/nginx-t" || code=$?
    cat -- "$work/nginx-t"
    # What is asked for it shows itself, and what waits has said nothing: a pipe where Nginx looks for a file.
    ((code != 75 && code != 124)) || name_pipes_of "$tree"
    ((code < 75)) || fail_of_box "$code" 'Nginx did not read its configuration within 2 minutes'
    if ((code == 0)); then
        is_read_by_nginx
        has_connections "$requests" "$threads"
    else
        show_places "$tree" <"$work/nginx-t"
        # What the sites share has its definition.
        ! grep --quiet --fixed-strings 'unknown "provision_' "$work/nginx-t" ||
            include_is_missing /etc/nginx/conf.d/provision.conf
    fi
    return "$code"
}

# A main file of somebody's that does not include ours would take every site down without a mistake in it.
is_read_by_nginx() {
    local path whose
    while IFS=$'\t' read -r _ path whose; do
        # What has become of another project's is that one's business.
        [[ $whose == "$project" ]] || continue
        case $path in
            /etc/nginx/sites-enabled/* | /etc/nginx/conf.d/provision.conf)
                grep --quiet --fixed-strings --line-regexp "# configuration file $path:" "$work/nginx-tree" ||
                    include_is_missing "$path"
                ;;
        esac
    done <"$work/owned.final"
}

# Every request takes two of Nginx's connections, the client's and the app's. With too few of them no app of the host
# is served once one of them is busy.
has_connections() { # REQUESTS THREADS
    local have need processes
    # What Nginx does when nothing says otherwise.
    have=$(number_of worker_connections) && [[ -n $have ]] || have=512
    processes=$(number_of worker_processes) && [[ -n $processes ]] || processes=1
    [[ $processes != auto ]] || processes=$(nproc)
    need=$((2 * ($1 + $2 * (2 * $(nproc) + 1))))
    ((have * processes >= need)) || say connections "$((have * processes))" "$need"
}

# What the main file says, which no site can say.
number_of() { # DIRECTIVE
    sed -n -E "s/^\s*(events\s*\{\s*)?$1\s+([0-9]+|auto)\s*;.*/\2/p" "$work/nginx-tree" | head -n 1
}

include_is_missing() { # PATH
    local pattern="${1%/*}/*"
    [[ $1 != *.conf ]] || pattern+=.conf
    fail "Nginx would not read $1" "help: add \`include $pattern;\` to the block http of nginx.conf"
}

# What Nginx would wait for without an end.
name_pipes_of() { # TREE
    find "$1" -type p -printf 'a pipe, which Nginx waits for: /etc/nginx/%P\n' | head -n 5 >&2
}

# The lines around every place `/etc/nginx/…:LINE` that a complaint names.
show_places() { # TREE; the complaint comes on standard input
    local line path number
    while IFS= read -r line; do
        [[ $line =~ (/etc/nginx/[^\ :]+):([0-9]+)$ ]] || continue
        path=$1/${BASH_REMATCH[1]#/etc/nginx/} number=${BASH_REMATCH[2]}
        [[ -f $path ]] || continue
        printf '\n%s:\n' "${BASH_REMATCH[1]}"
        awk -v at="$number" 'NR >= at - 2 && NR <= at + 2 {
            printf "%s %4d  %s\n", NR == at ? ">" : " ", NR, $0
        }' "$path"
    done
}
