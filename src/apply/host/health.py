#!/usr/bin/env python3
"""Asks every app whether it works, and goes on asking until it does or its time is up.

Arguments: a JSON list of checks, and a file that gets the names of the apps that failed. Runs on the host with
Python 3.5 or newer; needs nothing but the standard library.
"""
import http.client
import json
import socket
import ssl
import sys
import time


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class TlsConnection(http.client.HTTPConnection):
    """HTTPS to an address of this host, under a name. Nobody else can answer there, so the certificate is not judged:
    it may be one that only clients outside know, or not yet be the right one."""

    def __init__(self, address, port, name, timeout):
        super().__init__(address, port, timeout=timeout)
        self.name = name
        self.context = ssl.SSLContext(ssl.PROTOCOL_SSLv23)
        self.context.check_hostname = False
        self.context.verify_mode = ssl.CERT_NONE

    def connect(self):
        super().connect()
        # Without the name Nginx would not know which site is meant.
        self.sock = self.context.wrap_socket(self.sock, server_hostname=self.name)


def ask(check, timeout):
    """One request; None when it is answered well, else what is wrong."""
    if "unix" in check:
        connection = UnixConnection(check["unix"], timeout)
    elif check.get("tls"):
        connection = TlsConnection(check["address"], check["port"], check["host"], timeout)
    else:
        connection = http.client.HTTPConnection(check["address"], check["port"], timeout=timeout)
    try:
        headers = {"Host": check["host"], "User-Agent": "provision", "Connection": "close"}
        connection.request("GET", check["path"], headers=headers)
        response = connection.getresponse()
        # Enough for the app to end in peace; a stream would never end.
        response.read(65536)
    except (OSError, http.client.HTTPException) as error:
        return "no answer: {}".format(str(error) or type(error).__name__)
    finally:
        connection.close()
    if check["first"] <= response.status <= check["last"]:
        return None
    wanted = str(check["first"])
    if check["last"] != check["first"]:
        wanted += " to " + str(check["last"])
    return "answered {} {} instead of {}".format(response.status, response.reason, wanted)


def wait_for(check):
    """Asks with growing pauses until the check's time is up; None when healthy, else the last complaint."""
    deadline = time.monotonic() + check["timeout"]
    pause = 0.02
    while True:
        left = deadline - time.monotonic()
        wrong = ask(check, max(0.1, min(left, 10)))
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
