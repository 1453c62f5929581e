#!/usr/bin/env bash
# Prepares everything beside what is live: packages, users, files, releases. A part of the script that transaction.sh begins.
# shellcheck disable=SC2034,SC2154,SC2317,SC2329  # variables are shared with transaction.sh, functions called by the steps

# Notes everything that this run may create before it creates any of it, so that a run cut short can be cleaned up.
claim() {
    local -a before=()
    [[ ! -e $state/owned ]] || before=("$state/owned")
    sort -u ${before[@]+"${before[@]}"} "$work/owned" >"$state/owned.new"
    sync "$state/owned.new"
    mv --no-target-directory -- "$state/owned.new" "$state/owned"
}

# apt-get, once the lock is free. A fresh cloud host holds it for its own upgrades.
apt() { # SECONDS-TO-WAIT ARGUMENT...
    local patience=$1
    local deadline=$((SECONDS + patience)) log=$work/apt code waiting=no repaired=no holder
    shift
    while true; do
        code=0
        DEBIAN_FRONTEND=noninteractive apt-get --quiet --yes --option=Dpkg::Options::=--force-confold \
            --option=Dpkg::Options::=--force-confdef --no-install-recommends "$@" >"$log" 2>&1 3>&- 8>&- || code=$?
        if ((code == 0)); then
            cat "$log"
            return 0
        fi
        # A power cut in the middle of an installation, ours or another. What cannot be repaired fails again.
        if [[ $repaired == no ]] && grep -qF 'dpkg was interrupted' "$log"; then
            repaired=yes
            DEBIAN_FRONTEND=noninteractive dpkg --force-confold --force-confdef --configure --pending 3>&- 8>&- || true
            continue
        fi
        if ! grep -qE 'Could not get lock|Unable to acquire the dpkg frontend lock|Unable to lock' "$log"; then
            cat "$log"
            return "$code"
        fi
        holder=$(grep -oE 'held by process [0-9]+ \([^)]*\)' "$log" | head -n 1) || holder='held by another process'
        if ((SECONDS >= deadline)); then
            cat "$log"
            fail "gave up after $patience seconds: the package manager's lock is $holder" \
                'help: end that process, or wait longer with --lock-wait'
        fi
        [[ $waiting == yes ]] || say waiting "the package manager's lock is $holder"
        waiting=yes
        sleep 1
    done
}

# Lists are fetched only when the packages are not to be had without.
install_packages() { # SECONDS-TO-WAIT PACKAGE...
    local patience=$1
    shift
    apt "$patience" install "$@" && return 0
    apt "$patience" update
    apt "$patience" install "$@"
}

create_user() { # NAME HOME
    local -a group=(--user-group)
    # A cut may have left the group alone.
    ! getent group "$1" >/dev/null || group=(--gid "$1")
    useradd --system "${group[@]}" --no-create-home --home-dir "$2" --shell /usr/sbin/nologin "$1"
}

put_directory() { # MODE OWNER GROUP PATH
    install --directory --mode="$1" --owner="$2" --group="$3" -- "$4"
}

# Puts a file beside the one that it will replace, with its mode and owner from the first byte.
stage_file() { # NUMBER MODE OWNER GROUP PATH
    local new
    new_name "$5"
    new=$REPLY
    staged[$5]=$new
    rm -rf -- "$new"
    install --mode=0600 --owner="$3" --group="$4" -- "$work/files/$1" "$new"
    chmod "$2" -- "$new"
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

# Apps of one host often share their requirements: for the whole host these are installed once in a run.
declare -A installed=()

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
    elif [[ -z ${installed[$mark]-} ]]; then
        # PEP 668: Debian 12 and later guard the system's packages; a global install is what the inventory asked for.
        for marker in /usr/lib/python3*/EXTERNALLY-MANAGED; do
            [[ ! -e $marker ]] || options=(--break-system-packages)
        done
        pip_install python3 "$requirements" "$@" -- ${options[@]+"${options[@]}"}
        installed[$mark]=yes
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
}
