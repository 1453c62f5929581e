#!/usr/bin/env python3
"""Compiles the sources of a release and sends the bytecode as an archive on standard output.

Compiled ahead, because the app cannot write into its release. It runs as a user that owns nothing, for a compiler that
reads what others have written is nothing for root. Arguments: the release, the folder that its live release has, which
tracebacks name, and a folder to work in.
"""
import importlib.util
import os
import py_compile
import sys
import tarfile


def main():
    """Compiles all that can be compiled. What cannot is found out by whoever imports it."""
    release, live, work = sys.argv[1:]
    place = os.path.join(work, "compiled")
    with tarfile.open(fileobj=sys.stdout.buffer, mode="w|") as archive:
        for folder, folders, files in os.walk(release):
            # Packages of a virtual environment were compiled when they were installed.
            if folder == release and "venv" in folders:
                folders.remove("venv")
            for name in files:
                source = os.path.join(folder, name)
                if not name.endswith(".py") or os.path.islink(source):
                    continue
                path = os.path.relpath(source, release)
                try:
                    py_compile.compile(source, cfile=place, dfile=os.path.join(live, path), doraise=True)
                except (py_compile.PyCompileError, OSError, ValueError, RecursionError, MemoryError):
                    continue
                archive.add(place, os.path.relpath(importlib.util.cache_from_source(source), release))


if __name__ == "__main__":
    main()
