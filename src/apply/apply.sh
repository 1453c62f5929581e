#!/usr/bin/env bash
# Makes a host match a plan: receives the payload on standard input, then runs the steps that provision appends.
#
# Order: stage, check, switch, act, verify. Nothing live is touched before every check has passed. Once the payload is
# here the work goes on without the controller: answers to a connection that is gone are dropped.
# shellcheck disable=SC2317,SC2329  # the functions are called by the lines that provision appends
set -Eeuo pipefail
export LC_ALL=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
umask 022
cd /
state=/var/lib/provision
work=$state/work
declare -A staged=() # live path -> the file that will replace it
declare -A releases=() # app -> the folder of its coming release
current=0
finished=no
exec 3>&1
trap '' HUP PIPE
trap close_transaction EXIT

# One line of tab-separated fields to the controller, if it still listens.
say() {
    local IFS=$'\t'
    printf '%s\n' "$*" >&3 2>/dev/null || true
}

# Ends the transaction with a message for the operator.
fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

# Runs one step. What it prints is kept, and sent only if it fails. A program that a step leaves running must not keep
# the lock.
step() {
    current=$1
    shift
    say begin "$current"
    "$@" >"$work/output" 2>&1 9>&-
    say end "$current"
}

# Takes the lock and the payload. The lock lives as long as this process.
open_transaction() {
    [[ -d $state ]] || mkdir -m 0700 "$state"
    exec 9>>"$state/lock"
    if ! flock --nonblock 9; then
        say locked "$(base64 -w0 "$state/lock")"
        trap - EXIT
        exit 6
    fi
    printf '%s, since %s\n' "$1" "$(date -u '+%F %T UTC')" >"$state/lock"
    rm -rf "$work"
    mkdir -m 0700 "$work"
    tar --extract --directory="$work" 2>"$work/output"
    exec </dev/null
    say received
}

# Leaves no staged file behind, and tells how it ended.
close_transaction() {
    local code=$? path
    set +eE
    if [[ $finished == no ]]; then
        say failed "$current" "$code" "$(tail -n 60 "$work/output" 2>/dev/null | base64 -w0)"
    fi
    # Up to bash 4.3, which Ubuntu 16.04 has, `set -u` takes an empty array for an unset variable.
    for path in ${staged[@]+"${staged[@]}"}; do
        rm -f -- "$path"
    done
    rm -rf "$work"
}

# --- stage -----------------------------------------------------------------------------------------------------------

# Notes everything that this run may create before it creates any of it, so that a run cut short can be cleaned up.
claim() {
    [[ -e $state/owned ]] || : >"$state/owned"
    sort -u "$state/owned" "$work/owned" >"$state/owned.new"
    sync "$state/owned.new"
    mv -T "$state/owned.new" "$state/owned"
}

# apt-get, once the lock is free. A fresh cloud host holds it for its own upgrades.
apt() {
    local deadline=$((SECONDS + 300)) log=$work/apt code waiting=no holder
    while true; do
        code=0
        DEBIAN_FRONTEND=noninteractive apt-get --quiet --yes --option=Dpkg::Options::=--force-confold \
            --option=Dpkg::Options::=--force-confdef --no-install-recommends "$@" >"$log" 2>&1 3>&- || code=$?
        cat "$log"
        ((code)) || return 0
        grep -qE 'Could not get lock|Unable to acquire the dpkg frontend lock|Unable to lock' "$log" || return "$code"
        holder=$(grep -oE 'held by process [0-9]+ \([^)]*\)' "$log" | head -n 1) || holder='held by another process'
        ((SECONDS < deadline)) || fail "gave up after 300 seconds: the package manager's lock is $holder"
        [[ $waiting == yes ]] || say waiting "the package manager's lock is $holder"
        waiting=yes
        sleep 1
    done
}

# Lists are fetched only when the packages are not to be had without.
install_packages() {
    apt install "$@" && return 0
    apt update
    apt install "$@"
}

create_user() {
    useradd --system --user-group --no-create-home --home-dir "$2" --shell /usr/sbin/nologin "$1"
}

put_directory() { # MODE OWNER GROUP PATH
    install --directory --mode="$1" --owner="$2" --group="$3" -- "$4"
}

# Puts a file beside the one that it will replace, with its mode and owner from the first byte.
stage_file() { # NUMBER MODE OWNER GROUP PATH
    local new=${5%/*}/.${5##*/}.provision
    # gunicorn grumbles about settings whose name does not end in .py.
    [[ $5 != *.py ]] || new+=.py
    staged[$5]=$new
    rm -rf -- "$new"
    install --mode=0600 --owner="$3" --group="$4" -- "$work/files/$1" "$new"
    chmod "$2" -- "$new"
    sync "$new"
}

# Where the coming content of a path is now.
coming() {
    printf '%s' "${staged[$1]:-$1}"
}

unpack_release() { # APP ID
    local folder=/srv/$1/releases/$2
    rm -rf -- "$folder"
    mkdir -- "$folder"
    tar --extract --no-same-owner --file="$work/apps/$1.tar" --directory="$folder"
    rm -f -- "$work/apps/$1.tar"
}

fetch_release() { # APP ID URL COMMIT
    local folder=/srv/$1/releases/$2 cache=$state/git/$1
    export GIT_TERMINAL_PROMPT=0
    if [[ ! -d $cache ]]; then
        mkdir -p -- "$state/git"
        git init --quiet --bare -- "$cache"
    fi
    git -C "$cache" cat-file -e "$4^{commit}" 2>/dev/null ||
        git -C "$cache" fetch --quiet --force -- "$3" '+refs/heads/*:refs/heads/*' '+refs/tags/*:refs/tags/*'
    git -C "$cache" cat-file -e "$4^{commit}" || fail "the repository $3 does not have the commit $4"
    rm -rf -- "$folder"
    mkdir -- "$folder"
    git -C "$cache" archive "$4" | tar --extract --no-same-owner --directory="$folder"
}

# Installs what a release requires, and gunicorn where nothing else brought it, with one interpreter's pip.
pip_install() { # PYTHON REQUIREMENTS [SPECIFIER...] -- [OPTION...]
    local python=$1 requirements=$2 gunicorn=gunicorn
    local -a specifiers=() options
    shift 2
    while [[ $1 != -- ]]; do
        specifiers+=("$1")
        shift
    done
    shift
    options=("$@")
    export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_ROOT_USER_ACTION=ignore
    [[ -z $requirements ]] || specifiers+=(--requirement "$requirements")
    ((${#specifiers[@]} == 0)) || "$python" -m pip install --quiet ${options[@]+"${options[@]}"} "${specifiers[@]}"
    # An old pip takes the newest gunicorn even where it needs a newer Python; this one is the last for 3.5 and 3.6.
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 7))' || gunicorn=gunicorn==20.1.0
    "$python" -c 'import gunicorn' 2>/dev/null || "$python" -m pip install --quiet ${options[@]+"${options[@]}"} "$gunicorn"
}

install_python() { # METHOD APP ID MARK REQUIREMENTS [SPECIFIER...]
    local method=$1 folder=/srv/$2/releases/$3 mark=$4 requirements=${5:+/srv/$2/releases/$3/$5}
    local -a options=()
    local marker note=$state/python/$2
    shift 5
    [[ -z $requirements || -f $requirements ]] || fail "the release has no file ${requirements#"$folder"/}" \
        'help: the path in python.requirements is relative to the top of the code'
    if [[ $method == venv ]]; then
        # Each release has its own: going back to an older one must not build its environment again, under its workers.
        note+=@${folder##*/}
        python3 -m venv --clear "$folder/venv"
        pip_install "$folder/venv/bin/python3" "$requirements" "$@" --
    else
        # PEP 668: Debian 12 and later guard the system's packages; a global install is what the inventory asked for.
        for marker in /usr/lib/python3*/EXTERNALLY-MANAGED; do
            [[ ! -e $marker ]] || options=(--break-system-packages)
        done
        pip_install python3 "$requirements" "$@" -- ${options[@]+"${options[@]}"}
    fi
    mkdir -p -- "$state/python"
    python3 -c 'import sys; print(sys.argv[1], "%d.%d" % sys.version_info[:2])' "$mark" >"$note"
}

# Runs a command as an app's user with the environment that its processes will have.
as_app() { # APP USER FOLDER COMMAND...
    local env user=$2 folder=$3
    env=$(coming "/etc/provision/$1/env")
    shift 3
    (
        cd "$folder" || exit
        # shellcheck disable=SC2016  # the inner shell expands
        exec runuser --user "$user" -- env --ignore-environment PATH="$PATH" HOME="$folder" USER="$user" LANG=C.UTF-8 \
            bash -c 'set -a; . "$1"; set +a; shift; exec "$@"' as_app "$env" "$@" 3>&-
    )
}

run_release_command() { # APP USER ID NUMBER
    as_app "$1" "$2" "/srv/$1/releases/$3" bash -euo pipefail -c "$(<"$work/files/$4")"
}

# Byte code is written now, by root: the app's user cannot write into a release.
complete_release() { # APP ID
    local folder=/srv/$1/releases/$2
    python3 -m compileall -q "$folder" >/dev/null 2>&1 || true
    : >"$folder/.provision-release"
    sync --file-system "$folder"
}

# --- check -----------------------------------------------------------------------------------------------------------

# Really imports the app, as its user, from the coming release with the coming settings.
check_app() { # APP USER ID PYTHON WSGI
    local folder=/srv/$1/releases/$3 link=/srv/$1/current code=0 first=no
    releases[$1]=$folder
    # The settings name `current`, and gunicorn insists that it exists. Before the first release nothing reads it.
    if [[ ! -e $link ]]; then
        first=yes
        put_link "$link" "$folder"
    fi
    as_app "$1" "$2" "$folder" "$4" -m gunicorn.app.wsgiapp --check-config \
        --config "$(coming "/etc/provision/$1/gunicorn.conf.py")" --chdir "$folder" "$5" || code=$?
    ((code == 0)) || [[ $first == no ]] || rm -f -- "$link"
    return "$code"
}

check_units() { # PATH...
    local path app copy
    local -a copies=()
    mkdir -p "$work/units"
    for path in "$@"; do
        copy=$work/units/${path##*/}
        cp -- "$(coming "$path")" "$copy"
        # The live release may lack the program that the coming one brings: a virtual environment's Python.
        for app in ${releases[@]+"${!releases[@]}"}; do
            sed -i "s|^ExecStart=/srv/$app/current/|ExecStart=${releases[$app]}/|" "$copy"
        done
        copies+=("$copy")
    done
    systemd-analyze verify "${copies[@]}"
}

check_jobs() { # PATH...
    local path
    command -v init-checkconf >/dev/null || return 0
    mkdir -p "$work/jobs"
    for path in "$@"; do
        # It reads only what is called like a job.
        cp -- "$(coming "$path")" "$work/jobs/${path##*/}"
        init-checkconf "$work/jobs/${path##*/}"
    done
}

# `nginx -t` over the complete coming tree: a copy, mounted over the live one for this one process alone.
check_nginx() { # (file PATH | link PATH TO | gone PATH)...
    local tree=$work/nginx path
    # Whoever removed Nginx by hand leaves nothing to check.
    command -v nginx >/dev/null || return 0
    cp --archive /etc/nginx "$tree"
    find "$tree" -name '.*.provision' -delete
    while (($#)); do
        path=$tree/${2#/etc/nginx/}
        rm -f -- "$path"
        case $1 in
            file) cp --preserve -- "$(coming "$2")" "$path" ;;
            link)
                # Debian's welcome site comes back only where the package still has it.
                [[ $2 == */sites-enabled/default && ! -e $3 ]] || ln -s -- "$3" "$path"
                shift
                ;;
        esac
        shift 2
    done
    # shellcheck disable=SC2016  # the inner shell expands
    unshare --mount -- bash -c 'mount --bind "$1" /etc/nginx && exec nginx -t' check_nginx "$tree"
}

# --- switch ----------------------------------------------------------------------------------------------------------

switch_file() {
    mv --no-target-directory --force -- "${staged[$1]}" "$1"
    unset "staged[$1]"
}

put_link() { # PATH TO
    local new=${1%/*}/.${1##*/}.provision
    rm -rf -- "$new"
    ln -s -- "$2" "$new"
    mv --no-target-directory --force -- "$new" "$1"
}

remove_path() {
    rm -f -- "$1"
}

remove_directory() {
    rmdir -- "$1" 2>/dev/null || true
}

disable_welcome() {
    rm -f /etc/nginx/sites-enabled/default
}

restore_welcome() {
    local available=/etc/nginx/sites-available/default enabled=/etc/nginx/sites-enabled/default
    [[ ! -e $available || -e $enabled || -L $enabled ]] || ln -s "$available" "$enabled"
}

# --- act -------------------------------------------------------------------------------------------------------------

on_systemd() {
    [[ -d /run/systemd/system ]]
}

# What a service loaded is unknown from here until it is remembered: a run cut in between makes the next one reload.
forget() {
    rm -f -- "$state/loaded/$1"
}

remember() { # SERVICE RESTART-DIGEST RELOAD-DIGEST
    local key value pid=0 start=0 entered=0
    local -a fields
    mkdir -p -- "$state/loaded"
    if on_systemd; then
        while IFS='=' read -r key value; do
            case $key in
                MainPID) pid=$value ;;
                ExecMainStartTimestampMonotonic) start=$value ;;
                ActiveEnterTimestampMonotonic) entered=$value ;;
            esac
        done < <(systemctl show --property=MainPID,ExecMainStartTimestampMonotonic,ActiveEnterTimestampMonotonic -- "$1")
        # A socket has no process: its own activation stands for the start.
        ((start)) || start=$entered
    else
        value=$(/sbin/initctl status "$1")
        if [[ $value == *process\ * ]]; then
            pid=${value##*process }
            pid=${pid%%[!0-9]*}
            value=$(<"/proc/$pid/stat")
            read -ra fields < <(printf '%s\n' "${value##*) }")
            start=${fields[19]}
        fi
    fi
    printf '%s/%s %s %s %s\n' "$pid" "$start" "$(date +%s.%N)" "$2" "$3" >"$state/loaded/.$1"
    mv --no-target-directory -- "$state/loaded/.$1" "$state/loaded/$1"
}

reload_manager() {
    if on_systemd; then
        systemctl daemon-reload
    else
        /sbin/initctl reload-configuration
    fi
}

start_service() {
    if on_systemd; then
        systemctl --quiet enable "$1"
        systemctl reset-failed "$1" 2>/dev/null || true
        systemctl start "$1"
    elif [[ $(/sbin/initctl status "$1") != *start/running* ]]; then
        /sbin/initctl start "$1"
    fi
}

restart_service() {
    if on_systemd; then
        systemctl reset-failed "$1" 2>/dev/null || true
        systemctl restart "$1"
    else
        # Upstart's own `restart` keeps the definition that the job was started with.
        /sbin/initctl stop "$1" || true
        /sbin/initctl start "$1"
    fi
}

move_listener() { # APP
    systemctl stop "$1.service" "$1.socket"
    start_service "$1.socket"
    start_service "$1.service"
}

reload_app() {
    "/usr/local/bin/reload-$1"
}

reload_other() {
    if on_systemd; then
        # What does not run will read its files when it starts.
        systemctl --quiet is-active "$1" || return 0
        systemctl reload-or-restart "$1"
    elif [[ $(/sbin/initctl status "$1") == *start/running* ]]; then
        /sbin/initctl reload "$1" || restart_service "$1"
    fi
}

# The children of a process, each behind a blank. Read from /proc: small hosts have no ps.
children_of() { # PID
    local stat line rest
    for stat in /proc/[0-9]*/stat; do
        # A process may end between the listing and the reading.
        { read -r line <"$stat"; } 2>/dev/null || continue
        # "PID (NAME) STATE PPID …": the name may hold anything, so what counts begins after its last ")".
        rest=${line##*) }
        [[ ${rest#? } != "$1 "* ]] || printf ' %s' "${line%% *}"
    done
}

# Believes a reload only when new workers run: Nginx answers 0 and keeps the old configuration when it cannot listen.
reload_nginx() {
    local master='' before deadline=$((SECONDS + 10)) log=/var/log/nginx/error.log seen=0 worker
    read -r master </run/nginx.pid || true
    [[ -n $master ]] || fail 'nginx does not run: /run/nginx.pid cannot be read or is empty'
    before=" $(children_of "$master") "
    [[ ! -e $log ]] || seen=$(stat -c %s "$log")
    nginx -s reload
    while ((SECONDS < deadline)); do
        for worker in $(children_of "$master"); do
            [[ $before == *" $worker "* ]] || return 0
        done
        if tail -c "+$((seen + 1))" "$log" 2>/dev/null | grep -F '[emerg]'; then
            fail 'nginx kept its old configuration; its error log says why'
        fi
        sleep 0.05
    done
    fail 'nginx did not start new workers within 10 seconds of a reload' "$(tail -n 5 "$log")"
}

stop_app() { # APP
    if on_systemd; then
        # One at a time: systemctl does nothing at all where one of several units has no file any more.
        systemctl stop "$1.socket" || true
        systemctl stop "$1.service" || true
        systemctl --quiet disable "$1.socket" || true
        systemctl --quiet disable "$1.service" || true
        ! systemctl --quiet is-active "$1.service" || fail "$1.service does not stop"
    else
        [[ $(/sbin/initctl status "$1") != *start/running* ]] || /sbin/initctl stop "$1"
    fi
}

# The releases of an app, newest first. Known by their names: another tool may keep folders of its own beside them.
releases_of() { # APP
    local folder
    while IFS= read -r folder; do
        folder=${folder%/}
        [[ ! ${folder##*/} =~ ^[0-9a-f]{12}(-[0-9a-f]{6})?$ ]] || printf '%s\n' "$folder"
    done < <(ls -dt -- "/srv/$1/releases"/*/ 2>/dev/null)
}

# Its units, settings, links and folders are in the ownership record, and go with that.
remove_app() { # APP
    local folder
    while IFS= read -r folder; do
        rm -rf -- "$folder"
    done < <(releases_of "$1")
    rm -rf -- "$state/git/${1:?}"
    rm -f -- "/srv/$1/current" "$state/python/$1" "$state/python/$1@"* "$state/loaded/$1" "$state/loaded/$1.service" "$state/loaded/$1.socket"
}

remove_user() {
    ! getent passwd "$1" >/dev/null || userdel "$1"
}

# --- verify ----------------------------------------------------------------------------------------------------------

check_health() {
    local code=0 app
    python3 "$work/health.py" "$work/checks.json" "$work/unhealthy" || code=$?
    ((code)) || return 0
    while read -r app; do
        printf '\nthe last log lines of %s:\n' "$app"
        if on_systemd; then
            journalctl --no-pager --quiet --lines=15 --output=cat --unit="$app.service" || true
        else
            tail -n 15 "/var/log/upstart/$app.log" || true
        fi
    done <"$work/unhealthy"
    return "$code"
}

commit() {
    sync "$work/owned.final"
    mv --no-target-directory -- "$work/owned.final" "$state/owned"
}

# Keeps the newest releases, and always the live one.
prune_releases() { # APP KEEP
    local live folder kept=0
    live=$(readlink "/srv/$1/current")
    while IFS= read -r folder; do
        kept=$((kept + 1))
        ((kept <= $2)) || [[ $folder == "$live" ]] || rm -rf -- "$folder" "$state/python/$1@${folder##*/}"
    done < <(releases_of "$1")
}

# Proof that every step ran.
finish() {
    finished=yes
    say finished
}
