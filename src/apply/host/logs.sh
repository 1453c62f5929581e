#!/usr/bin/env bash
# Log files that change hands with the user of their app. Their folders are the app's, so folder.py does it all. A part
# of the script that lib.sh begins.
# Variables are shared with the other parts, functions are called by them.
# shellcheck disable=SC2034,SC2154,SC2317,SC2329

check_logs() { # FROM TO PATHS...
    run_python folder.py look "$@"
}

# Who has them open goes on writing to them.
give_logs() { # FROM TO PATHS...
    run_python folder.py give "$@"
}

# With what the new user has begun meanwhile: the former one could not write to it.
restore_log() { # PATH FROM-AND-TO
    local code=0
    run_python folder.py give "${2#*$'\t'}" "${2%%$'\t'*}" "$1" || code=$?
    # An app that has put something in the place of a log must not keep the host from coming to rest.
    ((code == 0 || code == 3))
}
