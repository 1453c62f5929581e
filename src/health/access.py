"""What clients have asked and were answered, by the access logs of Nginx. probation.py and rehearse.py each make a
program of this and of themselves.

Lines of a log are read for nothing but the time, the request and the status.
"""
import json
import os
import re
import stat
import sys
import urllib.parse

# The format `combined`: the time, the request and the status stand in front of what clients choose freely.
LINE = re.compile(
    rb'\S+ \S+ .*? \[(?P<time>[^][]+)\] '
    rb'"(?:(?P<method>\S+) )?(?P<target>(?:[^"\\]|\\.)*?)(?: HTTP/[0-9.]+)?" (?P<status>[0-9]{3}) ')
# What is read of a log that is there already, and at once, in bytes.
BEFORE, CHUNK = 4 << 20, 1 << 20


def route_of(routes, target):
    """The longest route that leads to a path, as a list that begins with its path; None if there is none."""
    path = urllib.parse.unquote(target.decode("utf-8", "replace").split("?")[0])
    path = re.sub("^[a-z]+://[^/]*", "", path)
    fitting = [route for route in routes if path.startswith(route[0]) or path == route[0].rstrip("/")]
    return max(fitting, key=lambda route: len(route[0])) if fitting else None


class Log:
    """A log that is read as it grows, and that logrotate may replace."""

    def __init__(self, path, routes):
        self.path, self.routes = path, routes
        self.file, self.rest = None, b""
        self.open(end=True)

    def open(self, end):
        """Opens what is there now. What is no file is not read."""
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            self.file = None
            return
        self.file = os.fdopen(descriptor, "rb")
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            self.file = None
        elif end:
            self.file.seek(0, os.SEEK_END)

    def before(self):
        """The last lines that are there already."""
        if self.file is None:
            return []
        size = self.file.seek(0, os.SEEK_END)
        self.file.seek(max(0, size - BEFORE))
        return self.file.read(size - max(0, size - BEFORE)).splitlines()

    def lines(self):
        """The whole lines that came since the last time."""
        if self.file is None:
            self.open(end=False)
            if self.file is None:
                return []
        text = self.rest + self.file.read(CHUNK)
        *lines, self.rest = text.split(b"\n")
        # Half a line that never ends is none.
        self.rest = self.rest[-65536:]
        if not lines:
            self.follow()
        return lines

    def follow(self):
        """Goes on with the new file, once the old one is read to its end; or with one that was cut."""
        try:
            now, mine = os.stat(self.path), os.fstat(self.file.fileno())
        except OSError:
            return
        if (now.st_dev, now.st_ino) != (mine.st_dev, mine.st_ino) or mine.st_size < self.file.tell():
            self.file.close()
            self.rest = b""
            self.open(end=False)


