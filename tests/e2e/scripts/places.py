"""Prints the files below folders, the arguments, that hold the text of /dev/shm/wanted: as it is, or a tab-separated
field of them in base64. The journal is left out: what an app logs is its own."""
import base64
import binascii
import os
import stat
import sys

JOURNALS = ("/run/log/journal", "/var/log/journal")


def holds(content, wanted):
    """Is it in there, in one way or the other?"""
    if wanted in content:
        return True
    for field in content.replace(b"\n", b"\t").split(b"\t"):
        try:
            if wanted in base64.b64decode(field, validate=True):
                return True
        except (binascii.Error, ValueError):
            pass
    return False


def files(folders):
    """Every regular file below."""
    for folder in folders:
        for path, names, others in os.walk(folder):
            names[:] = [name for name in names if os.path.join(path, name) not in JOURNALS]
            for name in others:
                yield os.path.join(path, name)


with open("/dev/shm/wanted", "rb") as file:
    WANTED = file.read()
os.unlink("/dev/shm/wanted")
found = []
for name in files(sys.argv[1:]):
    try:
        if stat.S_ISREG(os.lstat(name).st_mode):
            with open(name, "rb") as file:
                if holds(file.read(), WANTED):
                    found.append(name)
    except OSError:
        pass
print("\n".join(sorted(found)))
