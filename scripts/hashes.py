#!/usr/bin/env python3
"""Prints a requirement that pip takes with --require-hashes, with the hash of each of its files on PyPI.

Arguments: NAME==VERSION [MARKER].
"""
import json
import sys
import urllib.request

requirement, markers = sys.argv[1], sys.argv[2:]
name, version = requirement.split("==")
with urllib.request.urlopen("https://pypi.org/pypi/%s/json" % name, timeout=60) as answer:
    files = json.load(answer)["releases"][version]
hashes = ["--hash=sha256:" + file["digests"]["sha256"] for file in sorted(files, key=lambda file: file["filename"])]
print(" \\\n    ".join([" ; ".join([requirement] + markers)] + hashes))
