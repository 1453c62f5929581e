#!/usr/bin/env python3
"""Prints the secrets of files that one generation wanted and another one does not: a name a line.

Arguments: what the two wanted, as the host keeps it.

Runs on the host as root, with `python3 -I -S`; Python 3.5 or newer and nothing but the standard library.
"""
import json
import sys


def files(path):
    with open(path, encoding="utf-8") as text:
        return {file["path"]: file["content"] for file in json.load(text)["desired"]["files"]}


former, live = files(sys.argv[1]), files(sys.argv[2])
names = set()
for path, content in former.items():
    if path in live:
        continue
    # The first format has secrets where they stand.
    for part in content if isinstance(content, list) else []:
        if "secret" in part:
            names.add(part["secret"]["variable"])
        elif "kept" in part:
            names.add(part["kept"])
for name in sorted(names):
    # A file of that name in one folder, and nothing else.
    if name and "/" not in name and not name.startswith(".") and name.isprintable():
        print(name)
