"""Holds the package manager's lock for as many seconds as the first argument says."""

import fcntl
import os
import sys
import time

with open("/var/lib/dpkg/lock-frontend", "w") as lock:
    fcntl.lockf(lock, fcntl.LOCK_EX)
    print("held by", os.getpid(), flush=True)
    time.sleep(float(sys.argv[1]))
