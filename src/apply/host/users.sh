#!/usr/bin/env bash
# How a user goes, or stays because something is its own. A part of the script that lib.sh begins.
# Variables are shared with the other parts, functions are called by them.
# shellcheck disable=SC2034,SC2154,SC2317,SC2329

# The number of a user that goes is given to the next one, with every file that has it, whatever its mode. So a user
# goes only when nothing on this host belongs to it; until then its number is reserved, and each later change looks
# again.
remove_user() { # NAME
    local REPLY
    drop_locks_of_users
    is_user "$1" || return 0
    end_processes_of "$1"
    if owns_something "$1"; then
        stays_owned reserved "$1"
        note_reserved "$1" "$REPLY" || true
        return 0
    fi
    rm -f -- "$state/reserved/$1"
    # A process that pid 1 cannot end, such as one that waits for a disk, keeps its user. It stays ours, and the next
    # run tries again.
    unless_killed userdel "$1"
    ! is_user "$1" || stays_owned user "$1"
}

# A program that was killed while it added or removed a user leaves locks with its number, which may be another
# process's soon.
drop_locks_of_users() {
    local lock pid
    for lock in /etc/{passwd,shadow,group,gshadow,subuid,subgid}.lock; do
        pid=''
        { read -r -d '' pid || true; } 2>/dev/null <"$lock" || continue
        [[ -z $pid || $pid == *[!0-9]* || -e /proc/$pid ]] || rm -f -- "$lock"
    done
}

# What cannot go is in the record that the host ends with, and in the one that a way back brings back. A step that is
# done again adds nothing.
stays_owned() { # KIND NAME
    local line=$1$'\t'$2$'\t'$project file
    for file in "$work/owned.kept" "$work/owned.final"; do
        grep --quiet --fixed-strings --line-regexp -- "$line" "$file" 2>/dev/null || printf '%s\n' "$line" >>"$file"
    done
}

# What belongs to a user that stays, for the operator and for the next look, which begins there.
note_reserved() { # NAME PATH
    [[ ! -e $state/reserved/$1 || $(<"$state/reserved/$1") != "$2" ]] || return 0
    mkdir -p -- "$state/reserved"
    printf '%s' "$2" >"$state/reserved/$1.new"
    mv --no-target-directory -- "$state/reserved/$1.new" "$state/reserved/$1"
    say reserved "$1" "${2:0:300}"
}

# Whether a file or folder on a file system of this host has the number of a user or of its group; the path is in REPLY.
# A search that takes longer than a minute, or is killed, counts as one that has found something, of which nobody knows
# where it is.
owns_something() { # NAME; the answer is in REPLY
    local uid gid code=0
    local -a places=()
    uid=$(id --user -- "$1") gid=$(id --group -- "$1")
    REPLY=''
    if [[ -e $state/reserved/$1 ]]; then
        REPLY=$(<"$state/reserved/$1")
        [[ -n $REPLY && ! $(find "$REPLY" -maxdepth 0 \( -uid "$uid" -o -gid "$gid" \) 2>/dev/null) ]] || return 0
    fi
    mapfile -t places < <(own_file_systems)
    REPLY=$(timeout 60 find "${places[@]}" -xdev \( -uid "$uid" -o -gid "$gid" \) -print -quit 2>/dev/null) || code=$?
    [[ -n $REPLY ]] || ((code == 124 || code >= 128))
}

# Where file systems of this host are mounted: those on its disks and in its memory. Others belong to other hosts as
# well, or hold nothing of anybody's.
own_file_systems() {
    local device place type more disks
    disks=" $(awk -F '\t' '$1 != "nodev" { printf "%s ", $2 }' /proc/filesystems)"
    while read -r device place type more; do
        case $type in
            squashfs | iso9660 | udf) ;;
            tmpfs | ramfs | overlay | zfs) printf '%b\n' "$place" ;;
            *) [[ $disks != *" $type "* ]] || printf '%b\n' "$place" ;;
        esac
    done </proc/self/mounts
}

# Whatever a user that goes has left running: its number may be given to another one.
end_processes_of() { # USER
    local uid folder found
    uid=$(id -u -- "$1")
    ((uid)) || return 0
    for _ in {1..20}; do
        found=no
        for folder in /proc/[0-9]*; do
            [[ $(stat --format=%u -- "$folder" 2>/dev/null) == "$uid" ]] || continue
            found=yes
            kill -KILL "${folder#/proc/}" 2>/dev/null || true
        done
        [[ $found == yes ]] || return 0
        sleep 0.1
    done
}
