# What runs inside of a box, and how much it may take.
import shlex

# Processes and threads at once.
TASKS = 512


def memory():
    """Bytes of memory that a box gets at most: three quarters of the host's."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 4 * 3


def script(options, redirect):
    """What runs inside, in Bash: a text in a file, so that no word of it stands in a list of processes' options."""
    lines = ["#!/usr/bin/env bash", "# A command in a box of provision's.", redirect]
    if options.source:
        # Where no service manager reads the environment, a shell does.
        lines += ["set -a", ". " + shlex.quote(options.source), "set +a"]
    lines += ["cd " + shlex.quote(options.folder) + " || exit 70"]
    lines += ["export " + shlex.quote(word) for word in options.environment]
    lines += ["exec " + " ".join(shlex.quote(word) for word in options.command)]
    return "\n".join(line for line in lines if line) + "\n"
