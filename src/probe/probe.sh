#!/usr/bin/env bash
# Reports every fact that a plan needs, in one pass, and writes nothing: no temporary file, no lock, no here-document.
#
# provision appends the calls to the functions below and sends the whole as one script. Each fact is one line of
# tab-separated fields. Programs are started once for all items, never once per item: that is what keeps the probe
# at a few milliseconds. The whole report leaves in one write: many small ones would wait for acknowledgements.
# The functions are called by the lines that provision appends.
# shellcheck disable=SC2317,SC2329
set -uo pipefail
export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin
shopt -s nullglob
state=/var/lib/provision

# Starts a report beside the others; `collect` prints what it found. The slowest two programs run while the rest is
# read.
begun=()
begin() {
    local descriptor
    # ShellCheck 0.3.7 takes a variable in braces for a program.
    # shellcheck disable=SC1083,SC2093
    exec {descriptor}< <("$@")
    begun+=("$descriptor")
}

collect() {
    local descriptor
    local -a lines
    for descriptor in "${begun[@]}"; do
        mapfile -t lines <&"$descriptor"
        ((${#lines[@]} == 0)) || printf '%s\n' "${lines[@]}"
    done
}

# Operating system, init, clock. The clock pairs wall time with uptime, so that start times become wall times.
report_host() {
    local key value id='' version='' uptime managed=no marker
    if ((EUID != 0)); then
        printf 'not-root\t%s\n' "$(id -un)"
        exit 0
    fi
    while IFS='=' read -r key value; do
        value=${value#[\"\']}
        value=${value%[\"\']}
        case $key in
            ID) id=$value ;;
            VERSION_ID) version=$value ;;
        esac
    done </etc/os-release
    printf 'os\t%s\t%s\n' "$id" "$version"
    if [[ -d /run/systemd/system ]]; then
        printf 'init\tsystemd\n'
    elif [[ -x /sbin/initctl ]] && /sbin/initctl version 2>/dev/null | grep -q upstart; then
        printf 'init\tupstart\n'
    else
        printf 'init\tunknown\n'
    fi
    read -r uptime _ </proc/uptime
    # EPOCHREALTIME came with bash 5; Ubuntu 16.04 has 4.3.
    printf 'clock\t%s\t%s\n' "${EPOCHREALTIME:-$(date +%s.%N)}" "$uptime"
    for marker in /usr/lib/python3*/EXTERNALLY-MANAGED; do
        [[ -e $marker ]] && managed=yes
    done
    printf 'externally-managed\t%s\n' "$managed"
    [[ ! -e /proc/net/if_inet6 ]] || printf 'ipv6\tyes\n'
}

# The ownership record: what provision put on this host. Its names are printable ASCII, so a line with any other byte is
# damaged: it is reported as such, lest it be taken for another name. `record_owned` keeps it. A null byte would end it
# here, and a carriage return is heard by nobody.
report_owned() {
    local line
    owned=()
    [[ -r $state/owned ]] || return 0
    mapfile -t owned < <(sed -e $'s/^.*[^\t -~].*$/damaged\t&/' -e 's/[\x00\r]/?/g' "$state/owned")
    for line in "${owned[@]+"${owned[@]}"}"; do
        printf 'owned\t%s\n' "$line"
    done
}

# The last attempt to change this host: whether it is at work, was cut, or ended after its controller had gone. One
# without a result does not count yet.
report_attempts() {
    local entry last=0 running=no line key value now who='' result='' reason='' told=no alone=no ended=0
    local -a lines=()
    # As the door counts.
    for entry in "$state"/generations/[1-9]*; do
        entry=${entry##*/}
        [[ $entry == *[!0-9]* || ${#entry} -gt 9 ]] || ((entry <= last)) || last=$entry
    done
    # A reason is what an app printed: of any length, and with anything in it.
    [[ ! -r $state/generations/$last/record ]] ||
        mapfile -t lines < <(head --bytes=1048576 -- "$state/generations/$last/record")
    for line in "${lines[@]+"${lines[@]}"}"; do
        line=${line:0:2000}
        [[ $line == *$'\t'* ]] || continue
        key=${line%%$'\t'*} value=${line#*$'\t'}
        case $key in
            who) who=$value ;;
            ended) ended=$value ;;
            # One that failed is taken up, and has another result then.
            result) result=$value told=no reason='' ;;
            reason) reason=$value ;;
            told) told=yes ;;
            probation) alone=yes ;;
        esac
    done
    ((last == 0)) || [[ -n $result ]] || last=$((last - 1))
    printf 'attempts\t%s\n' "$last"
    if [[ -d $state/transaction ]]; then
        if [[ -d /run/systemd/system ]]; then
            line=$(systemctl show --property=ActiveState,Job provision-transaction.service provision-recovery.service)
            [[ $line != *ActiveState=active* && $line != *activating* && $line != *Job=[1-9]* ]] || running=yes
        elif [[ $(/sbin/initctl status provision-transaction 2>/dev/null) == *start/* ]]; then
            running=yes
        fi
        line=change
        [[ ! -e $state/transaction/until ]] || line=probation
        printf 'at-work\t%s\t%s\t%s\n' "$running" "$(head --bytes=4096 -- "$state/lock" 2>/dev/null | base64 -w0)" \
            "$line"
        return 0
    fi
    [[ -n $result && $told == no ]] || return 0
    # Its own controller may be hearing of it at this moment.
    printf -v now '%(%s)T' -1
    [[ $alone == yes ]] || ((now < ended || now > ended + 2)) || return 0
    # What has stood it is no news.
    [[ $alone == no || $result != committed ]] || return 0
    [[ $alone == no ]] || printf 'untold\tprobation\n'
    printf 'untold\twho\t%s\nuntold\tresult\t%s\nuntold\treason\t%s\n' \
        "${who//$'\t'/ }" "${result//$'\t'/ }" "${reason//$'\t'/ }"
}

# What each running process loaded when provision last started or reloaded it.
report_loaded() {
    local file line
    for file in "$state"/loaded/*; do
        IFS= read -r line <"$file" && printf 'loaded\t%s\t%s\n' "${file##*/}" "$line"
    done
    for file in "$state"/python/*; do
        IFS= read -r line <"$file" && printf 'python\t%s\t%s\n' "${file##*/}" "$line"
    done
}

# Every path of the plan and of the ownership record. Arguments: LARGEST PATH.... The contents of regular files of up to
# LARGEST bytes are sent along, in the order of the files, as one compressed text. What nobody could have meant to
# manage is not even read.
report_paths() {
    local largest=$1 huge=67108864
    local -A known=()
    local -a paths=() regular=() small=()
    local line kind path size digest
    shift
    for path; do
        known[$path]=''
        paths+=("$path")
    done
    # Up to bash 4.3, which Ubuntu 16.04 has, `set -u` takes an empty array for an unset variable.
    for line in "${owned[@]+"${owned[@]}"}"; do
        kind=${line%%$'\t'*}
        path=${line#*$'\t'}
        path=${path%%$'\t'*}
        [[ $path == /* ]] || continue
        case $kind in
            file | link | directory)
                if [[ -z ${known[$path]+set} ]]; then
                    known[$path]=''
                    paths+=("$path")
                fi
                ;;
        esac
    done
    ((${#paths[@]})) || return 0
    # What a link says may have line breaks, with which it would speak for us.
    while IFS= read -r -d '' line; do
        printf '%s\n' "${line//$'\n'/ }"
        if [[ $line == node$'\t'f$'\t'* ]]; then
            # No here-string: old Bash keeps one in a file. Neither a size nor what stands before it holds a tabulator.
            path=${line#*$'\t/'}
            path=/${path%%$'\t'*}
            size=${line#node$'\t'*$'\t'*$'\t'*$'\t'*$'\t'}
            size=${size%%$'\t'*}
            ((size > huge)) || regular+=("$path")
            ((size > largest)) || small+=("$path")
        fi
    done < <(find "${paths[@]}" -maxdepth 0 -printf 'node\t%y\t%m\t%u\t%g\t%s\t%C@\t%p\t%l\0' 2>/dev/null)
    ((${#regular[@]})) || return 0
    while read -r digest path; do
        printf 'digest\t%s\t%s\n' "$digest" "$path"
    done < <(sha256sum -- "${regular[@]}")
    ((${#small[@]} == 0)) || printf 'contents\t%s\n' "$(cat -- "${small[@]}" | gzip | base64 -w0)"
}

# Whose the log files among the arguments are. Nothing of them is read: apps can put anything in their place.
report_logs() {
    local line
    while IFS= read -r -d '' line; do
        printf '%s\n' "$line"
    done < <(find "$@" -maxdepth 0 -type f -printf 'log\t%u\t%p\0' 2>/dev/null)
}

# Version and modules of Nginx, if it is there.
report_nginx() {
    local line
    [[ -x /usr/sbin/nginx ]] || return 0
    while IFS= read -r line; do
        printf 'nginx\t%s\n' "${line//$'\t'/ }"
    done < <(/usr/sbin/nginx -V 2>&1)
}

# Installed packages among the arguments.
report_packages() {
    # dpkg-query expands it.
    # shellcheck disable=SC2016
    dpkg-query -W -f='package\t${Package}\t${db:Status-Status}\t${Version}\n' "$@" 2>/dev/null
    return 0
}

# State of the units among the arguments, in the words of `systemctl show`.
report_units() {
    local properties=Id,LoadState,ActiveState,UnitFileState,FragmentPath,NeedDaemonReload
    properties+=,MainPID,ExecMainStartTimestampMonotonic,ActiveEnterTimestampMonotonic
    [[ -d /run/systemd/system ]] || return 0
    printf 'units\n'
    # A pid 1 that hangs would be waited for for a minute and a half. What it says instead of an answer is reported,
    # too.
    timeout 30 systemctl show --property="$properties" -- "$@" 2>&1
    (($? != 124)) || printf 'it gave no answer within 30 seconds\n'
    printf '\nunits-end\n'
}

# State of the Upstart jobs among the arguments: NAME, whether it has a definition, main pid, start in
# clock ticks of uptime (a hundred a second on every Linux that Ubuntu or Debian ships).
report_jobs() {
    local job line pid started
    local -a fields
    [[ ! -d /run/systemd/system ]] || return 0
    for job in "$@"; do
        line=$(/sbin/initctl status "$job" 2>/dev/null) || { printf 'job\t%s\tno\t0\t0\n' "$job"; continue; }
        pid=0 started=0
        if [[ $line == *start/running*process\ * ]]; then
            pid=${line##*process }
            pid=${pid%%[!0-9]*}
            # Field 22 of stat, counted behind the command name, which may hold blanks.
            line=$(<"/proc/$pid/stat")
            read -ra fields < <(printf '%s\n' "${line##*) }")
            started=${fields[19]}
        fi
        printf 'job\t%s\tyes\t%s\t%s\n' "$job" "$pid" "$started"
    done
}

# Existing users among the arguments.
report_users() {
    local name id home
    while IFS=: read -r name _ id _ _ home _; do
        printf 'user\t%s\t%s\t%s\n' "$name" "$id" "$home"
    done < <(getent passwd -- "$@")
}

# Complete releases of the apps among the arguments: the marker is the last thing that a release gets.
report_releases() {
    local app marker
    for app in "$@"; do
        for marker in "/srv/$app/releases"/*/.provision-release; do
            marker=${marker%/.provision-release}
            # A name with line breaks would speak for us.
            [[ $marker != *[$'\t\n']* ]] || continue
            printf 'release\t%s\t%s\n' "$app" "${marker##*/}"
        done
    done
}

# Whether Debian's own welcome site is as packaged, edited, or out of the way.
report_welcome() {
    local line recorded actual
    local site=/etc/nginx/sites-enabled/default
    [[ -L $site || -e $site ]] || { printf 'welcome\tabsent\n'; return 0; }
    # dpkg-query expands it.
    # shellcheck disable=SC2016
    recorded=$(dpkg-query -W -f='${Conffiles}\n' nginx-common 2>/dev/null |
        grep -F ' /etc/nginx/sites-available/default ')
    actual=$(md5sum /etc/nginx/sites-available/default 2>/dev/null)
    if [[ -L $site && $site -ef /etc/nginx/sites-available/default && -n $actual &&
        $recorded == *" ${actual%% *}"* ]]; then
        printf 'welcome\tpackaged\n'
    else
        printf 'welcome\tedited\n'
    fi
}

# Proof that the report is whole.
report_end() {
    printf 'end\n'
}
