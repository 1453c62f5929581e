#!/usr/bin/env python3
"""How apps and sites are asked: a client of HTTP that nothing that is sent to it can hold.

health.py and watch.py each make a program of this and of themselves. They run on hosts with Python 3.5 or newer, as
`python3 -I -S`, and need nothing but the standard library.
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
# The format of lists of checks. The first one was the list alone.
FORMAT = 2


def checks_of(path):
    """The checks of a file, which an older provision may have written with a generation that is live still."""
    with open(path) as file:
        document = json.load(file)
    if isinstance(document, list):
        return document
    if document["format"] != FORMAT:
        sys.exit("the list of health checks is of format {}, and this version of provision knows formats 1 to {}\n"
                 "help: update `provision`".format(document["format"], FORMAT))
    return document["checks"]


class Patience:
    """What one request may cost: seconds in all, seconds of silence, bytes. An app may send a byte a second for ever,
    or announce its answer again and again."""

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


def place_of(check):
    """Where a check asks, for people."""
    return check.get("place") or check.get("unix") or "{}:{}".format(check["address"], check["port"])


def no_answer(error):
    """What went wrong on the way to an answer."""
    return "no answer: {}".format(clean(str(error)) or type(error).__name__)


def read_body(response):
    """Reads enough of an answer for the app to end in peace. One that breaks off before its announced end is none: the
    worker has died, or the app counts wrongly."""
    body = response.read(ENOUGH)
    if response.length and len(body) < ENOUGH:
        raise http.client.IncompleteRead(body, response.length)


def answer_of(check, seconds):
    """One request, for so many seconds at most; the answer, once its body has been read."""
    connection = connection_to(check)
    connection.patience = Patience(seconds)
    try:
        headers = {"Host": check["host"], "User-Agent": "provision", "Connection": "close"}
        if check.get("https"):
            # What Nginx says of a client that came by HTTPS.
            headers["X-Forwarded-Proto"] = "https"
        connection.request("GET", check["path"], headers=headers)
        response = connection.getresponse()
        check["answered"] = True
        read_body(response)
        return response
    finally:
        connection.close()


def judge(check, response):
    """None when the answer is good, else what is wrong with it."""
    first, last = check["first"], check["last"]
    if first <= response.status <= last:
        return None
    wanted = str(first) if first == last else "{} to {}".format(first, last)
    return "answered {} {} instead of {}".format(response.status, clean(response.reason), wanted)


