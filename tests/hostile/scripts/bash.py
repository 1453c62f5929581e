#!/usr/bin/python3
"""Stands in for Bash on a hostile host: what provision sends is answered as /run/hostile says, all else by Bash itself.

It lies first in the path of sudo, so it is what root runs.
"""
import base64
import itertools
import os
import subprocess
import sys
import time
import zlib

OUT = sys.stdout.buffer
ESCAPES = "\x1b]0;owned\x07\x1b[2J\u009b31m\u202e"


def endless(chunk):
    """Says the same for as long as it is heard."""
    while True:
        OUT.write(chunk)
        OUT.flush()


def endless_line(_script):
    endless(b"x" * 65536)


def endless_lines(_script):
    OUT.write(b"os\tdebian\t12\ninit\tsystemd\n")
    for number in itertools.count():
        OUT.write(b"user\t%d\n" % number)


def junk(_script):
    while True:
        OUT.write(os.urandom(65536))


def complaints(_script):
    while True:
        sys.stderr.buffer.write(b"sudo: \x1b[2J\n" * 4096)


def bomb(_script):
    """Files of the largest size, and far more for them than they have."""
    size, packer = 131072, zlib.compressobj(9, zlib.DEFLATED, 31)
    OUT.write(b"os\tdebian\t12\ninit\tsystemd\n")
    for number in range(5000):
        OUT.write(b"node\tf\t644\troot\troot\t%d\t1.5\t/etc/%d\t\n" % (size, number))
    packed = b"".join([packer.compress(bytes(1 << 20)) for _ in range(1024)] + [packer.flush()])
    OUT.write(b"contents\t" + base64.b64encode(packed) + b"\nend\n")


def costly(_script):
    """As much as may be said, in lines that cost most."""
    OUT.write(b"os\tdebian\t12\ninit\tsystemd\n")
    for number in range(32000):
        OUT.write(b"node\tl\t777\t%s\troot\t1\t1.5\t/etc/%d\t%s\n" % (b"o" * 100, number, b"t" * 330))
    OUT.write(b"surprise\nend\n")


def silence(_script):
    time.sleep(600)


def drip(_script):
    while True:
        OUT.write(b"x")
        OUT.flush()
        time.sleep(3)


def real(script):
    """What Bash says to the same script, line by line."""
    with subprocess.Popen(["/bin/bash", "-c", script], stdout=subprocess.PIPE) as bash:
        yield from bash.stdout


def escapes(script):
    """The truth, with commands to a terminal in all that may be any text."""
    mark = ESCAPES.encode()
    encoded = base64.b64encode(mark + b"\n")
    for line in real(script):
        fields = line.rstrip(b"\n").split(b"\t")
        if fields[0] == b"os":
            OUT.write(b"os\t" + fields[1] + mark + b"\t12" + mark + b"\n")
            for key in (b"who", b"result", b"reason"):
                OUT.write(b"untold\t" + key + b"\t" + mark + b"\n")
            continue
        if fields[0] == b"begin":
            OUT.write(b"waiting\t" + mark + b"\n" + b"undo\t" + mark + b"\nunwell\t" + encoded + b"\n")
            line = b"\t".join(fields) + mark + b"\n"
        OUT.write(line)
        OUT.flush()


def forged(script):
    """Looks are answered; a change is reported done and never made."""
    text = sys.stdin.buffer
    head = text.readline()
    body = text.read(int(head.split()[1]))
    if b"\nhand_over " in body:
        OUT.write(b"received\nended\tcommitted\t7\n")
        return
    with subprocess.Popen(["/bin/bash", "-c", body], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as bash:
        OUT.write(bash.stdout.read())


def flood(_script):
    """A change is reported for ever."""
    text = sys.stdin.buffer
    body = text.read(int(text.readline().split()[1]))
    if b"\nhand_over " not in body:
        with subprocess.Popen(["/bin/bash", "-c", body], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as bash:
            OUT.write(bash.stdout.read())
        return
    OUT.write(b"received\n")
    why = base64.b64encode(b"y" * 3000)
    endless(b"undo-failed\t" + b"x" * 3000 + b"\t" + why + b"\n")


def main():
    command = sys.argv[1:]
    if command[:2] != ["--norc", "-c"] or "provision-script" not in command[2]:
        os.execv("/bin/bash", ["bash"] + command)
    with open("/run/hostile") as file:
        how = file.read().strip()
    OUT.write(b"\nprovision-begins\n")
    OUT.flush()
    try:
        globals()[how](command[2])
        OUT.flush()
    except BrokenPipeError:
        os._exit(0)


main()
