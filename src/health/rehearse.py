"""Chooses what a new release is rehearsed with: what clients have asked of the app lately, and got. Goes on from
client.py and access.py.

Arguments: a JSON object, which has how many requests there are to be, and the log of each site with its routes; the
checks of what is live, by which its process is asked as well; the proofs, to which the requests are added; the app; and
the file that gets the proofs of that app, for health.py. Prints how many requests were added.
"""

# Seconds that the live process may take for all of them, and for each.
IN_ALL, EACH = 15, 5
# Bytes: what the new process is asked travels as one word of a command line.
LONGEST, MOST = 500, 90000
# A path and a query as they stand in a request. What Nginx had to escape in its log is none.
PLAIN = re.compile(rb"/[!#-\[\]-~]*")


def lately(site, app):
    """Requests for an app that were answered well, the newest first: each path once, with its status."""
    known = set()
    for path in (site["log"], site["log"] + ".1"):
        for line in reversed(Log(path, site["routes"]).before()):
            match = LINE.match(line)
            if not match or match.group("method") != b"GET" or match.group("status")[:1] not in b"23":
                continue
            target = match.group("target")
            route = route_of(site["routes"], target)
            if route and route[1] == app and len(target) <= LONGEST and PLAIN.fullmatch(target):
                inside = seen_by_app(target.decode("ascii"), route[2])
                if inside is not None and inside not in known:
                    known.add(inside)
                    yield inside, int(match.group("status"))


def seen_by_app(target, strip):
    """What Nginx makes of a path on its way to the app; None for one that it reads otherwise than it is written."""
    if not target.startswith(strip):
        return None
    rest = target[len(strip):]
    return rest if rest.startswith("/") else "/" + rest


def in_turn(sites, app, most):
    """The newest requests of each site, so many in all."""
    left = [(site, lately(site, app)) for site in sites]
    count = 0
    while left:
        for one in list(left):
            found = next(one[1], None)
            if found is None:
                left.remove(one)
            elif count < most:
                count += 1
                yield (one[0],) + found
            else:
                return


def live_process(path, app):
    """The check that asks the app's live process; None where there is none yet."""
    try:
        return next((check for check in checks_of(path) if check["app"] == app), None)
    except FileNotFoundError:
        return None


def rehearsals(sites, app, most, live):
    """The checks of a rehearsal. What the live process answers worse now than it did then is judged by that: the client
    may have been logged in, or a database may be down."""
    deadline = time.monotonic() + IN_ALL
    size = 0
    for site, path, status in in_turn(sites, app, most):
        check = {"app": app, "label": "rehearsal", "rehearsed": True, "host": site["host"], "path": path,
                 "tls": site["tls"]}
        left = deadline - time.monotonic()
        size += len(json.dumps(check)) + 40
        if left <= 0 or size > MOST:
            return
        if live is not None:
            try:
                now = answer_of(dict(live, tls=False, host=site["host"], path=path, https=site["tls"]),
                                min(EACH, left)).status
            except (OSError, ValueError, http.client.HTTPException):
                continue
            status = max(status, now)
        # Beyond 500 nothing is worse, and a redirect is not worse than a page.
        if status < 500:
            yield dict(check, first=100, last=max(399, status // 100 * 100 + 99))


def main(wanted, live, proofs, app, result):
    """Writes the proofs of an app with its rehearsals."""
    with open(wanted) as file:
        own = json.load(file)
    checks = [check for check in checks_of(proofs) if check["app"] == app]
    added = list(rehearsals(own["sites"], app, own["requests"], live_process(live, app)))
    with open(result, "w") as file:
        json.dump({"format": FORMAT, "checks": checks + added}, file)
    print(len(added))


if __name__ == "__main__":
    main(*sys.argv[1:])
