"""Watches what the clients of a host get, and ends as soon as it is too bad. Goes on from access.py.

Arguments: a JSON object, which names the log of each site with its routes; a file that is as old as the attempt before
this one; one that is as old as the switch; one that keeps what was usual between the two; and the apps that count.
Prints why it ends, and exits with 3.
"""
import calendar
import collections
import time

# Seconds that an answer counts for.
WINDOW = 60
# So many errors at least, and this part of all answers at least.
FEWEST, SHARE = 5, 0.05
# Errors that are usual may be so many times as many.
TIMES = 2
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


def answers(lines, routes, apps):
    """The time and the status of each answer of one of the apps."""
    for line in lines:
        match = LINE.match(line)
        route = match and route_of(routes, match.group("target"))
        # A file of Nginx's is no app's.
        if route and route[1] in apps:
            yield match.group("time"), int(match.group("status"))


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
