#!/usr/bin/env python3
"""Asks every app whether it works, and goes on asking until it does or its time is up.

Arguments: a JSON list of checks, and a file that gets the names of the apps that failed. Runs on the host with
Python 3.5 or newer; needs nothing but the standard library.
"""
import http.client
import io
import json
import socket
import ssl
import sys
import time

# Seconds that an app may be silent before it is asked anew.
SILENCE = 10
# Bytes of an answer that are read, its head included; a stream would never end.
ROOM = 512 * 1024
# Bytes of its body.
ENOUGH = 65536


class Patience:
    """What one request may cost: seconds in all, seconds of silence, bytes. An app may send a byte a second for ever, or
    announce its answer again and again."""

    def __init__(self, seconds):
        self.deadline = time.monotonic() + seconds
        self.room = ROOM

    def left(self):
        """How long the next byte may take."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise socket.timeout("timed out")
        return min(left, SILENCE)


class Patient(io.RawIOBase):
    """Reads what an app sends for as long as there is patience."""

    def __init__(self, raw, sock, patience):
        super().__init__()
        self.raw = raw
        self.sock = sock
        self.patience = patience

    def readable(self):
        return True

    def readinto(self, buffer):
        if self.patience.room <= 0:
            raise http.client.HTTPException("an answer of more than {} bytes".format(ROOM))
        self.sock.settimeout(self.patience.left())
        size = self.raw.readinto(memoryview(buffer)[:self.patience.room])
        self.patience.room -= size or 0
        return size

    def close(self):
        self.raw.close()
        super().close()


class Connection(http.client.HTTPConnection):
    """HTTP that ends when its patience does."""

    patience = None

    def connect(self):
        self.timeout = self.patience.left()
        super().connect()

    def send(self, data):
        if self.sock is not None:
            self.sock.settimeout(self.patience.left())
        super().send(data)

    def response_class(self, sock, **how):
        """What `http.client` makes of the socket, with patience in between."""
        response = http.client.HTTPResponse(sock, **how)
        response.fp = io.BufferedReader(Patient(response.fp.detach(), sock, self.patience))
        return response


class UnixConnection(Connection):
    """HTTP over a Unix socket."""

    def __init__(self, path):
        super().__init__("localhost")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.patience.left())
        self.sock.connect(self.path)


class TlsConnection(Connection):
    """HTTPS to an address of this host, under a name. Nobody else can answer there, so the certificate is not judged:
    it may be one that only clients outside know, or not yet be the right one."""

    def __init__(self, address, port, name):
        super().__init__(address, port)
        self.name = name
        # Before Python 3.6 the one has no such name, since 3.10 the other makes it complain.
        newer = hasattr(ssl, "PROTOCOL_TLS_CLIENT")
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT if newer else ssl.PROTOCOL_SSLv23)
        self.context.check_hostname = False
        self.context.verify_mode = ssl.CERT_NONE

    def connect(self):
        super().connect()
        self.sock.settimeout(self.patience.left())
        # Without the name Nginx would not know which site is meant.
        self.sock = self.context.wrap_socket(self.sock, server_hostname=self.name)


def connection_to(check):
    """A connection that is made with its first request."""
    if "unix" in check:
        return UnixConnection(check["unix"])
    if check.get("tls"):
        return TlsConnection(check["address"], check["port"], check["host"])
    return Connection(check["address"], check["port"])


def clean(text):
    """What an app says, in printable characters and not many: it is shown to people."""
    text = "".join(letter if " " <= letter <= "~" else "?" for letter in text[:201])
    return text if len(text) <= 200 else text[:200] + "..."


def ask(check, seconds):
    """One request; None when it is answered well, else what is wrong."""
    connection = connection_to(check)
    connection.patience = Patience(seconds)
    try:
        headers = {"Host": check["host"], "User-Agent": "provision", "Connection": "close"}
        connection.request("GET", check["path"], headers=headers)
        response = connection.getresponse()
        # Enough for the app to end in peace; a stream would never end.
        response.read(ENOUGH)
    except (OSError, ValueError, http.client.HTTPException) as error:
        return "no answer: {}".format(clean(str(error)) or type(error).__name__)
    finally:
        connection.close()
    if check["first"] <= response.status <= check["last"]:
        return None
    wanted = str(check["first"])
    if check["last"] != check["first"]:
        wanted += " to " + str(check["last"])
    return "answered {} {} instead of {}".format(response.status, clean(response.reason), wanted)


def wait_for(check):
    """Asks with growing pauses until the check's time is up, and no longer, whatever the app does; None when healthy, else
    the last complaint."""
    deadline = time.monotonic() + check["timeout"]
    pause = 0.02
    while True:
        left = deadline - time.monotonic()
        wrong = ask(check, max(0.1, left))
        if wrong is None or time.monotonic() + pause >= deadline:
            return wrong
        time.sleep(pause)
        pause = min(pause * 2, 1)


def main():
    """Runs all checks; the exit code is the number of apps that failed, at most 100."""
    with open(sys.argv[1]) as file:
        checks = json.load(file)
    unhealthy = []
    for check in checks:
        # What failed once has had its time: its other checks get one try.
        if check["app"] in unhealthy:
            check["timeout"] = 0
        wrong = wait_for(check)
        if wrong is not None:
            where = check.get("unix") or "{}:{}".format(check["address"], check["port"])
            print("{}: GET {} on {} (Host: {}) {}".format(
                check["label"], check["path"], where, check["host"], wrong))
            if check["app"] not in unhealthy:
                unhealthy.append(check["app"])
    with open(sys.argv[2], "w") as file:
        file.writelines(app + "\n" for app in unhealthy)
    return min(len(unhealthy), 100)


if __name__ == "__main__":
    sys.exit(main())
