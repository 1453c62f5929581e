"""Asks every app whether it works, and goes on asking until it does or its time is up. Goes on from client.py.

Arguments: a file with a list of checks, and a file that gets the names of the apps that failed. A third one, `by-app`,
puts the app and a tabulator before each complaint, for a program that reads them. Where two more follow instead, an app
and a socket, that app alone is asked, and there; or `unless` and a file, which ends the patience once it is there.
"""
import os


# Seconds that a process may take from its start to its first answer, at least.
START = 10
# Seconds that a rehearsal may take, and how many paths it shows that got worse.
REHEARSAL, SHOWN = 30, 10


def ask(check, seconds):
    """One request; None when it is answered well, else what is wrong."""
    try:
        return judge(check, answer_of(check, seconds))
    except (OSError, ValueError, http.client.HTTPException) as error:
        return no_answer(error)


def wait_for(check, end):
    """Asks with growing pauses until the check's time is up or that file is there, and no longer, whatever the app
    does; None when healthy, else the last complaint. What is being started may take a while to its first answer, of
    whatever kind."""
    deadline = time.monotonic() + max(check["timeout"], check.get("start", 0))
    pause = 0.02
    while True:
        left = deadline - time.monotonic()
        wrong = ask(check, max(0.1, left))
        if check.pop("answered", False) and check.pop("start", 0):
            deadline = min(deadline, time.monotonic() + check["timeout"])
        if wrong is None or time.monotonic() + pause >= deadline or (end and os.path.exists(end)):
            return wrong
        time.sleep(pause)
        pause = min(pause * 2, 1)


def only_at(checks, app, path):
    """The checks of that app, sent to a process of its own."""
    own = {"unix": path, "place": "a socket of its own", "start": START}
    # Who comes to the site by HTTPS comes to the app without, and Nginx says so.
    return [dict(check, https=check.get("tls", False), **own) for check in checks if check["app"] == app]


def rehearse(checks):
    """Asks once each for what clients have asked lately, until enough is worse or the time is up; whether none is."""
    deadline = time.monotonic() + REHEARSAL
    worse = asked = 0
    for check in checks:
        left = deadline - time.monotonic()
        if left <= 0 or worse == SHOWN:
            break
        asked += 1
        # The last one is not to fail for want of time.
        wrong = ask(check, min(SILENCE, max(left, SILENCE / 2)))
        if wrong is not None:
            worse += 1
            # A query may hold what nobody else is to read.
            path = check["path"].split("?")[0] + ("?..." if "?" in check["path"] else "")
            print("rehearsal: GET {} (Host: {}) {}".format(path, check["host"], wrong))
    if worse:
        print("{} of {} requests that clients made lately are answered worse than by the live release".format(
            worse, asked))
    return worse == 0


def main():
    """Runs all checks; the exit code is the number of apps that failed, at most 100."""
    unhealthy = []
    by_app = sys.argv[3:] == ["by-app"]
    checks = checks_of(sys.argv[1])
    end = sys.argv[4] if sys.argv[3:4] == ["unless"] else None
    if len(sys.argv) == 5 and end is None:
        checks = only_at(checks, sys.argv[3], sys.argv[4])
    rehearsed = [check for check in checks if check.get("rehearsed")]
    for check in [check for check in checks if not check.get("rehearsed")]:
        # What failed once has had its time: its other checks get one try.
        if check["app"] in unhealthy:
            check["timeout"] = 0
        wrong = wait_for(check, end)
        if wrong is not None:
            print("{}{}: GET {} on {} (Host: {}) {}".format(
                check["app"] + "\t" if by_app else "",
                check["label"], check["path"], place_of(check), check["host"], wrong))
            if check["app"] not in unhealthy:
                unhealthy.append(check["app"])
    if not unhealthy and not rehearse(rehearsed):
        unhealthy.append(rehearsed[0]["app"])
    with open(sys.argv[2], "w") as file:
        file.writelines(app + "\n" for app in unhealthy)
    return min(len(unhealthy), 100)


if __name__ == "__main__":
    sys.exit(main())
