#!/usr/bin/env bash
# Prepares everything beside what is live: packages, users, files, releases. A part of the script that lib.sh begins.
# Variables are shared with the other parts, functions are called by them.
# shellcheck disable=SC2034,SC2154,SC2317,SC2329

# apt-get, once the lock is free. A fresh cloud host holds it for its own upgrades.
apt() { # PATIENCE ARGUMENT...
    local patience=$1
    local deadline=$((SECONDS + patience)) log=$work/apt code waiting=no repaired=no holder
    shift
    while true; do
        code=0
        # An end, however late: nothing that a host waits for may hold its lock for ever. Asked for an end apt stops
        # where it can.
        DEBIAN_FRONTEND=noninteractive boxed --plain --gently --seconds=3600 -- apt-get --quiet --yes \
            --option=Dpkg::Options::=--force-confold --option=Dpkg::Options::=--force-confdef \
            --no-install-recommends "$@" >"$log" 2>&1 || code=$?
        ((code != 75)) || exit "$code"
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
        [[ ! -e $work/cancel ]] || exit 75
        sleep 1
    done
}

# Lists are fetched only when the packages are not to be had without.
install_packages() { # PATIENCE PACKAGES...
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

# Through its descriptor: whoever owns a folder on the way may have put a link there.
put_directory() { # MODE OWNER GROUP PATH
    run_python folder.py put "$@"
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
coming() { # PATH
    printf '%s' "${staged[$1]:-$1}"
}

# The gate: what comes on standard input becomes files of root's, or is refused. See admit.py.
admit() { # KIND FOLDER
    run_python admit.py "$1" "$2" "$work/cancel"
}

unpack_release() { # APP ID
    place_of_release "$1" "$2"
    admit release "$REPLY" <"$work/apps/$1.tar"
    rm -f -- "$work/apps/$1.tar"
    compare_live_release "$1" "$2"
}

# Where a release is unpacked: in its own folder, or beside it while that is live.
place_of_release() { # APP ID; the answer is in REPLY
    REPLY=/srv/$1/releases/$2
    ! is_live "$REPLY" || REPLY=/srv/$1/releases/.$2.provision-new
    rm -rf -- "$REPLY"
}

# A live release has lost its mark. It gets it again if it is what was sent; what someone has edited is theirs to say.
compare_live_release() { # APP ID
    local folder=/srv/$1/releases/$2 beside=/srv/$1/releases/.$2.provision-new differences
    [[ -d $beside ]] || return 0
    differences=$(diff --recursive --brief --no-dereference --exclude=venv --exclude=__pycache__ \
        --exclude=.provision-release -- "$beside" "$folder") || true
    rm -rf -- "$beside"
    [[ -z $differences ]] || fail "the live release $folder is not what was sent any more:" \
        "$(printf '%s\n' "${differences//"$beside"/sent}" | head -n 5)" \
        "help: keep a copy of what you need, move the folder away, and run \`provision up\` again"
}

# What git asks of a server, as root, for root has the keys. It may take a while, and ends when the user asks for an
# end.
ask_git() { # APP ARGUMENT...
    local cache=$state/git/$1
    shift
    limited 900 env GIT_TERMINAL_PROMPT=0 git -c core.hooksPath=/dev/null -c protocol.ext.allow=never -C "$cache" "$@"
}

# The repository's content leaves git as a stream, and enters the release through the same gate as any other.
fetch_release() { # APP ID URL COMMIT
    local cache=$state/git/$1 modules help
    if [[ ! -d $cache ]]; then
        mkdir -p -- "$state/git"
        git init --quiet --bare -- "$cache"
    fi
    git -C "$cache" cat-file -e "$4^{commit}" 2>/dev/null ||
        ask_git "$1" fetch --quiet --force --prune --no-recurse-submodules -- "$3" \
            '+refs/heads/*:refs/heads/*' '+refs/tags/*:refs/tags/*'
    git -C "$cache" cat-file -e "$4^{commit}" || fail "the repository $3 does not have the commit $4"
    modules=$(git -C "$cache" ls-tree -r "$4" | sed -n 's/^160000 commit [0-9a-f]*\t/  /p' | head -n 10)
    help='commit their files, install them as requirements, or deliver a folder that has them by source: { path: … }'
    [[ -z $modules ]] ||
        fail 'the repository has submodules, which are not fetched, and the app would find empty folders:' \
            "$modules" "help: $help"
    place_of_release "$1" "$2"
    # Without root's own configuration, which may name programs that files pass through.
    timeout --kill-after=5 900 env GIT_CONFIG_NOSYSTEM=1 HOME=/nonexistent \
        git -C "$cache" archive --format=tar "$4" | admit release "$REPLY"
    compare_live_release "$1" "$2"
}

# Where packages are built: a folder that is empty before and gone after.
readonly builder=provision-build
readonly workshop=/var/cache/provision-build

open_workshop() {
    close_workshop
    install --directory --mode=0700 --owner="$builder" --group="$builder" -- "$workshop"
}

close_workshop() {
    rm -rf -- "$workshop"
}

# Runs a command as the user that owns nothing but the workshop, in a box. What it leaves running ends with it.
as_builder() { # SECONDS FOLDER OPTION... -- COMMAND...
    local seconds=$1 folder=$2
    shift 2
    boxed --unit="$work/units/build.service" --user="$builder" --seconds="$seconds" --folder="$workshop" \
        --write="$workshop" --write="$folder" --data "$@"
}

# What brings a runtime to an app that does not require it by itself, with the digests of its files: the requirements
# for the newest Python that this host's is not older than. Nothing where Python brings the runtime.
pins_of() { # RUNTIME
    local minor file first best=''
    minor=$(run_python -c 'import sys; print(sys.version_info[1])')
    for file in "$work/pins/$1/python3."*.txt; do
        [[ -e $file ]] || continue
        first=${file##*/python3.}
        first=${first%.txt}
        ((first > minor || first <= ${best:-0})) || best=$first
    done
    [[ -z $best ]] || cat -- "$work/pins/$1/python3.$best.txt"
}

# Apps of one host often share their requirements: for the whole host these are installed once in a run.
declare -A installed=()

install_python() { # METHOD APP ID MARK RUNTIME REQUIREMENTS HASHES SPECIFIERS...
    local method=$1 folder=/srv/$2/releases/$3 mark=$4 runtime=$5
    local requirements=${6:+$folder/$6} hashes=$7 note=$state/python/$2 environment
    shift 7
    [[ -z $requirements || -f $requirements ]] || fail "the release has no file ${requirements#"$folder"/}" \
        'help: the path in python.requirements is relative to the top of the code'
    if [[ $method == venv ]]; then
        # Each release has its own: going back to an older one must not build its environment again, under its workers.
        note+=@${folder##*/}
        # Its programs name the place in which they were built. What was built there goes, and the same comes in through
        # the gate.
        environment=$folder/venv
        rm -rf -- "$environment" "$folder/.venv.new"
        open_workshop
        install --directory --mode=0755 --owner="$builder" --group="$builder" -- "$environment"
        build_packages venv "$environment" "$runtime" "$requirements" "$hashes" "$folder/.venv.new" "$@"
        rm -rf -- "$environment"
        mv --no-target-directory -- "$folder/.venv.new" "$environment"
        close_workshop
    elif [[ -z ${installed[$mark]-} ]]; then
        environment=$workshop/environment
        rm -rf -- "$work/packages"
        open_workshop
        build_packages system "$environment" "$runtime" "$requirements" "$hashes" "$work/packages" "$@"
        close_workshop
        run_python packages.py "$work/packages" "$environment"
        rm -rf -- "$work/packages"
        installed[$mark]=yes
    fi
    mkdir -p -- "$state/python"
    run_python -c 'import sys; print(sys.argv[1], "%d.%d" % sys.version_info[:2], "format=2")' "$mark" >"$note"
}

build_packages() { # METHOD ENVIRONMENT RUNTIME REQUIREMENTS HASHES TO SPECIFIER...
    local method=$1 environment=$2 runtime=$3 requirements=$4 hashes=$5 to=$6 pins
    local -a codes=(0)
    shift 6
    pins=$(pins_of "$runtime")
    as_builder 900 "$environment" -- bash -c "$(<"$work/build.sh")" build "$method" "$environment" "$requirements" \
        "$hashes" "$runtime" "$pins" "$@" | admit environment "$to" 2>"$work/admitted" || codes=("${PIPESTATUS[@]}")
    # An archive that breaks off is only what follows from a build that failed, and that has said why.
    ((codes[0] == 0)) || fail_of_box "${codes[0]}" 'building what the app requires did not end within 15 minutes'
    cat -- "$work/admitted" >&2
    ((${codes[1]:-0} == 0)) || exit "${codes[1]}"
}

# Runs a command of an app's in the app's own box: as its user, with the environment and under the protection that its
# processes will have.
as_app() { # APP USER SECONDS FOLDER COMMAND...
    local REPLY unit env seconds=$3 folder=$4 user=$2
    definition_of "$1"
    unit=$(coming "$REPLY")
    env=$(coming "/etc/provision/$1/env")
    shift 4
    boxed --unit="$unit" --env-file="$env" --user="$user" --seconds="$seconds" --folder="$folder" \
        --environment=LANG=C.UTF-8 -- "$@"
}

run_release_command() { # APP USER ID NUMBER LIMIT
    local code=0
    as_app "$1" "$2" "$5" "/srv/$1/releases/$3" bash -euo pipefail -c "$(<"$work/files/$4")" || code=$?
    ((code == 0)) || fail_of_box "$code" "the release command did not end within $5 seconds (\`release_timeout: …\`)"
}

# Byte code is written now: the app's user cannot write into a release. Without it all works, and starts slower.
complete_release() { # APP ID
    local folder=/srv/$1/releases/$2
    open_workshop
    as_builder 600 "$workshop" -- \
        python3 -I -S -B -c "$(<"$work/bytecode.py")" "$folder" "/srv/$1/current" "$workshop" |
        admit bytecode "$folder" || true
    close_workshop
    : >"$folder/.provision-release"
}
