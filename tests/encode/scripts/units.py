# Writes the units that it reads. A line that begins with the byte 1 names the one that follows.
import sys

for unit in sys.stdin.buffer.read().split(b"\n\1"):
    name, _, content = unit.lstrip(b"\1").partition(b"\n")
    with open(b"/run/systemd/system/" + name, "wb") as file:
        file.write(content + b"\n")
