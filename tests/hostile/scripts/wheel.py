#!/usr/bin/env python3
"""Makes a wheel out of files that no honest project would put into one.

Arguments: where it goes, its version, and for each file its path in the wheel, `=` and its content.
"""
import os
import sys
import zipfile

folder, version, files = sys.argv[1], sys.argv[2], dict(word.split("=", 1) for word in sys.argv[3:])
info = "evil-{}.dist-info/".format(version)
files = {path.replace("VERSION", version): content for path, content in files.items()}
files[info + "METADATA"] = "Metadata-Version: 2.1\nName: evil\nVersion: {}\n".format(version)
files[info + "WHEEL"] = "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
files[info + "RECORD"] = "".join("{},,\n".format(path) for path in sorted(files)) + info + "RECORD,,\n"
os.makedirs(folder, exist_ok=True)
with zipfile.ZipFile(os.path.join(folder, "evil-{}-py3-none-any.whl".format(version)), "w") as archive:
    for path, content in files.items():
        archive.writestr(path, content.encode().decode("unicode_escape"))
