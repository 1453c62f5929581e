# Prints properties of units, byte for byte, with a NUL behind each. Reads lines of a unit, an interface and a property,
# and asks systemd over its own D-Bus socket: `systemctl show` asks for all properties of a unit to show one, and some
# versions of it escape what they show.
import socket
import struct
import sys

AT_ONCE = 100

stream = socket.socket(socket.AF_UNIX)
stream.connect("/run/systemd/private")
stream.sendall(b"\0AUTH EXTERNAL 30\r\nBEGIN\r\n")
answers = stream.makefile("rb")
assert answers.readline().startswith(b"OK ")


def text(value):
    return struct.pack("<I", len(value)) + value + b"\0"


def padded(value, to):
    return value + b"\0" * (-len(value) % to)


def object_path(unit):
    kept = [chr(byte) if chr(byte).isalnum() else "_%02x" % byte for byte in unit]
    return "/org/freedesktop/systemd1/unit/{}".format("".join(kept)).encode("ascii")


def call(unit, interface, name, serial):
    body = padded(text(b"org.freedesktop.systemd1." + interface), 4) + text(name)
    fields = b""
    for code, signature, value in [
        (1, b"o", object_path(unit)),
        (2, b"s", b"org.freedesktop.DBus.Properties"),
        (3, b"s", b"Get"),
    ]:
        fields = padded(fields, 8) + struct.pack("<BB", code, 1) + signature + b"\0" + text(value)
    fields = padded(fields, 8) + struct.pack("<BB", 8, 1) + b"g\0\x02ss\0"
    head = struct.pack("<cBBBIII", b"l", 1, 0, 1, len(body), serial, len(fields))
    return padded(head + fields, 8) + body


def answer():
    while True:
        _, kind, _, _, length, _, fields = struct.unpack("<cBBBIII", answers.read(16))
        answers.read(fields + -fields % 8)
        body = answers.read(length)
        if kind == 3:
            raise SystemExit("systemd refuses: {!r}".format(body))
        if kind == 2:
            # A variant: its signature, then the text with its length.
            assert body[:3] == b"\x01s\0", body
            return body[8 : 8 + struct.unpack("<I", body[4:8])[0]]


lines = sys.stdin.buffer.read().split(b"\n")[:-1]
for start in range(0, len(lines), AT_ONCE):
    some = [line.split(b" ") for line in lines[start : start + AT_ONCE]]
    stream.sendall(b"".join(call(*line, serial=start + at + 1) for at, line in enumerate(some)))
    for _ in some:
        sys.stdout.buffer.write(answer() + b"\0")
