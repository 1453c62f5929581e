"""Watches what the clients of a host get, and ends as soon as it is too bad.

Arguments: a JSON object, which names the log of each site with its routes; a file that is as old as the attempt before
this one; one that is as old as the switch; one that keeps what was usual between the two; and the apps that count.
Prints why it ends, and exits with 3. Lines of a log are read for nothing but the time, the path and the status.
"""
import calendar
import collections
import json
import os
import re
import stat
import sys
import time
import urllib.parse

# The format `combined`: the time, the request and the status stand in front of what clients choose freely.
LINE = re.compile(rb'\S+ \S+ .*? \[([^][]+)\] "(?:\S+ )?((?:[^"\\]|\\.)*?)(?: HTTP/[0-9.]+)?" ([0-9]{3}) ')
# Seconds that an answer counts for.
WINDOW = 60
# So many errors at least, and this part of all answers at least.
FEWEST, SHARE = 5, 0.05
# Errors that are usual may be so many times as many.
TIMES = 2
# What is read of a log to learn what is usual, and at once, in bytes.
BEFORE, CHUNK = 4 << 20, 1 << 20
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def when(text):
    """The time of a line, in seconds since 1970: `30/Nov/2026:21:15:07 +0000`."""
    day, month, year, hour, minute, second, zone = re.split("[/: ]", text.decode("ascii"))
    offset = int(zone[:3]) * 3600 + int(zone[0] + zone[3:]) * 60
    moment = (int(year), MONTHS.index(month) + 1, int(day), int(hour), int(minute), int(second), 0, 0, 0)
    return calendar.timegm(moment) - offset


def is_between(text, begin, end):
    """Whether a line was written then; one that tells no time was not."""
    try:
        # A log knows whole seconds.
        return int(begin) <= when(text) < end
    except (ValueError, IndexError):
        return False


def app_of(routes, target):
    """The app whose route is the longest that leads to a path; None if a file of Nginx's does."""
    path = urllib.parse.unquote(target.decode("utf-8", "replace").split("?")[0])
    path = re.sub("^[a-z]+://[^/]*", "", path)
    best, found = "", None
    for route, app in routes:
        matches = path.startswith(route) or path == route.rstrip("/")
        if matches and len(route) > len(best):
            best, found = route, app
    return found


def answers(lines, routes, apps):
    """The time and the status of each answer of one of the apps."""
    for line in lines:
        match = LINE.match(line)
        if match and app_of(routes, match.group(2)) in apps:
            yield match.group(1), int(match.group(3))


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


def age_of(path):
    """When a file was written; 0 where it is not there."""
    try:
        return os.stat(path).st_mtime
    except OSError:
        return 0


def usual(logs, apps, begin, end):
    """The part of answers that were errors in that time. What an attempt that went back has cost is not usual."""
    total = errors = 0
    for log in logs:
        for time_of, status in answers(log.before(), log.routes, apps):
            if is_between(time_of, begin, end):
                total += 1
                errors += status >= 500
    return errors / total if total else 0.0


def too_bad(total, errors, before):
    """Whether so many errors are reason enough to go back."""
    return errors >= FEWEST and errors > max(SHARE, TIMES * before) * total


def learned(path, learn):
    """What was learned by a process before this one, or is learned now."""
    try:
        with open(path) as file:
            return float(file.read())
    except (OSError, ValueError):
        value = learn()
    with open(path + ".new", "w") as file:
        file.write(repr(value) + "\n")
    os.replace(path + ".new", path)
    return value


def main(sites, former, switch, memory, apps):
    """Watches for ever, or until it is too bad."""
    with open(sites) as file:
        logs = [Log(site["log"], site["routes"]) for site in json.load(file)["sites"]]
    before = learned(memory, lambda: usual(logs, apps, age_of(former), age_of(switch)))
    window = collections.deque()
    total = errors = 0
    parent = os.getppid()
    # Whom nobody waits for any more has nobody to tell.
    while os.getppid() == parent:
        now = time.monotonic()
        counts = [0, 0]
        for log in logs:
            for _, status in answers(log.lines(), log.routes, apps):
                counts[status >= 500] += 1
        if any(counts):
            window.append((now, counts))
            total, errors = total + sum(counts), errors + counts[1]
        while window and window[0][0] < now - WINDOW:
            old = window.popleft()[1]
            total, errors = total - sum(old), errors - old[1]
        if too_bad(total, errors, before):
            print("{} of {} answers within a minute were 5xx ({:.1%}; before the switch {:.1%})".format(
                errors, total, errors / total, before))
            return 3
        time.sleep(0.5)
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:5], set(sys.argv[5:])))
