"""Asks every site again and again while a host is being changed, and tells how many requests that cost. Goes on from
client.py.

Arguments: a JSON list of checks, as for health.py; a file that gets the result; and the path of a file that tells the
phase. While it is not there the switch has not begun; once it has the line `end` the result is written. Once a request
has failed since it began, a file of the result's name and `.failed` is there.
"""
import os
import select
import threading
from array import array

# Seconds between two requests of a check, and requests a second of all checks together: a host with many sites is not
# to be busy with being watched.
PACE = 0.02
CEILING = 200


class Phase:
    """What the phase file says."""

    def __init__(self, path):
        self.path = path
        self.began = None

    def during(self):
        """Whether the switch has begun."""
        if self.began is None and os.path.exists(self.path):
            self.began = time.monotonic()
        return self.began is not None

    def ended(self):
        """Whether the transaction is done with its work."""
        if not self.during():
            return False
        try:
            with open(self.path) as file:
                return "end" in file.read().splitlines()
        except OSError:
            return False


class Tally:
    """What became of all requests; filled by every watcher."""

    def __init__(self, phase):
        self.phase = phase
        self.lock = threading.Lock()
        self.requests = {False: 0, True: 0}
        self.failures = {False: 0, True: 0}
        self.seconds = {False: array("d"), True: array("d")}
        self.first_failure = None

    def count(self, check, took, wrong):
        """Counts one request, in the phase in which it ended."""
        with self.lock:
            during = self.phase.during()
            self.requests[during] += 1
            if wrong is None:
                self.seconds[during].append(took)
                return
            self.failures[during] += 1
            if during and self.first_failure is None:
                self.first_failure = "{}: GET {} on {} (Host: {}) {}, {:.3f} s after the switch began".format(
                    check["label"], check["path"], place_of(check), check["host"], wrong,
                    time.monotonic() - self.phase.began)

    def result(self):
        """All figures."""
        return {
            "requests_before": self.requests[False],
            "requests_during": self.requests[True],
            "failures_before": self.failures[False],
            "failures": self.failures[True],
            "p50_before_ms": percentile(self.seconds[False], 50),
            "p99_before_ms": percentile(self.seconds[False], 99),
            "p50_during_ms": percentile(self.seconds[True], 50),
            "p99_during_ms": percentile(self.seconds[True], 99),
            "first_failure": self.first_failure,
        }


def percentile(seconds, percent):
    """The smallest value that so many percent do not exceed, in milliseconds; None of nothing."""
    if not seconds:
        return None
    rank = -(-len(seconds) * percent // 100)
    return round(sorted(seconds)[rank - 1] * 1000, 3)


class Asker:
    """A client of one check, which closes its connection after every answer or keeps it."""

    def __init__(self, check, keeps):
        self.check = check
        self.keeps = keeps
        self.connection = connection_to(check)
        self.headers = {"Host": check["host"], "User-Agent": "provision"}
        if not keeps:
            self.headers["Connection"] = "close"

    def ask(self):
        """One request; None when it is answered well, else what is wrong."""
        if self.connection.sock is not None and select.select([self.connection.sock], [], [], 0)[0]:
            # Nothing was asked, so this is the end of the connection: the server closed it between two requests.
            self.connection.close()
        used = self.connection.sock is not None
        self.connection.patience = Patience(SILENCE)
        try:
            try:
                response = self.begin()
            except (BrokenPipeError, ConnectionResetError, ssl.SSLEOFError, ssl.SSLZeroReturnError):
                # The connection may have been closed just when the request was on its way. Every client repeats it
                # then, on a new connection; on one that was new already it is a failure.
                if not used:
                    raise
                self.connection.close()
                response = self.begin()
            read_body(response)
        except (OSError, ValueError, http.client.HTTPException) as error:
            self.connection.close()
            return no_answer(error)
        if not self.keeps or not response.isclosed():
            self.connection.close()
        return judge(self.check, response)

    def begin(self):
        """Sends the request and waits for the head of its answer."""
        self.connection.request("GET", self.check["path"], headers=self.headers)
        return self.connection.getresponse()


class Watched:
    """A check, which counts from its first good answer on: what does not work yet has nothing to lose."""

    def __init__(self, check):
        self.check = check
        self.answers = False

    def watch(self, keeps, delay, pause, stop, tally):
        """Asks until told to stop, on new connections or on one that is kept."""
        asker = Asker(self.check, keeps)
        due = time.monotonic() + delay
        while not stop.wait(max(0, due - time.monotonic())):
            # What was asked before the first good answer does not count when it fails after it.
            counts = self.answers
            begin = time.monotonic()
            wrong = asker.ask()
            now = time.monotonic()
            if wrong is None:
                self.answers = True
            if counts or wrong is None:
                tally.count(self.check, now - begin, wrong)
            # Pauses that a slow answer used up are not made up for.
            due = max(due + pause, now)


def abandoned(parent, folder):
    """Whether the transaction died: it is our parent no more, or took its folder with it."""
    return os.getppid() != parent or not os.path.isdir(folder)


def write(path, result):
    """Puts the result in place at once, never half of it."""
    with open(path + ".new", "w") as file:
        json.dump(result, file)
        file.write("\n")
    os.rename(path + ".new", path)


def main():
    """Watches until the phase file says `end`; the exit code is 1 when the transaction died before."""
    parent = os.getppid()
    checks = [check for check in checks_of(sys.argv[1]) if " through " in check["label"]]
    phase = Phase(sys.argv[3])
    folder = os.path.dirname(os.path.abspath(phase.path))
    stop = threading.Event()
    tally = Tally(phase)
    # Two watchers a check, so that each asks half as often; those of all checks take turns.
    pause = 2 * max(PACE, len(checks) / CEILING)
    watchers = []
    for number, check in enumerate(checks):
        watched = Watched(check)
        for keeps in (False, True):
            delay = pause * (2 * number + keeps) / (2 * len(checks))
            watcher = threading.Thread(target=watched.watch, args=(keeps, delay, pause, stop, tally), daemon=True)
            watcher.start()
            watchers.append(watcher)
    told = False
    while not phase.ended():
        if tally.first_failure is not None and not told:
            told = True
            open(sys.argv[2] + ".failed", "w").close()
        # Process 1 takes up children whose parent died before they could look.
        if parent == 1 or abandoned(parent, folder):
            return 1
        time.sleep(PACE)
    stop.set()
    # A request that is under way was asked during the switch, and counts.
    for watcher in watchers:
        watcher.join()
    write(sys.argv[2], tally.result())
    return 0


if __name__ == "__main__":
    sys.exit(main())
