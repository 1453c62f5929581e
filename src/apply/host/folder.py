#!/usr/bin/env python3
"""Works on folders along paths that others may write, without ever being led elsewhere.

An app owns the folders of its logs, and can put a link in the place of one at any moment. So a path is opened component
by component, no link is followed but root's own in a place where only root writes, and what is changed is changed
through the descriptor of what was opened.

Arguments: `put MODE OWNER GROUP PATH` makes a folder, or gives it mode and owner; `remove PATH`, an empty one; `socket
PATH`, a socket on which nobody listens. `give FROM TO PATH...` gives log files, and those that were rotated, to another
user; `look` sees whether it can. `trust` fails for a path of standard input that others could lead elsewhere, or that
even root cannot change. Owners and groups of folders may be names or numbers.

Runs on the host as root, with `python3 -I -S`; Python 3.5 or newer and nothing but the standard library.
"""
import errno
import fcntl
import grp
import os
import pwd
import re
import stat
import struct
import sys

# What rotation adds to the name of a log: a number or a date, and how it is compressed.
ROTATED = re.compile(r"[.-][0-9]+(\.[a-z0-9]{1,5})?\Z")
# Links in one path.
LONGEST = 40
# What `chattr` sets, and the call that asks for it.
MARKS = {0x10: ("immutable", "i"), 0x20: ("append-only", "a")}
GETFLAGS = 2 << 30 | struct.calcsize("l") << 16 | ord("f") << 8 | 1
# The exit status where somebody has put something in the way.
REFUSED = 3


class Refused(Exception):
    """Where a path is not what it should be; what it is, and the way out."""


def roots_alone(status):
    """Whether nobody but root can change what lies in a folder. Debian's group `staff` is trusted below /usr/local by
    its policy."""
    if status.st_uid != 0 or status.st_mode & stat.S_IWOTH:
        return False
    if not status.st_mode & stat.S_IWGRP or status.st_gid == 0:
        return True
    try:
        return grp.getgrgid(status.st_gid).gr_name == "staff"
    except KeyError:
        return False


class Walk:
    """A way from the root down, of which every step is held open."""

    def __init__(self):
        self.descriptor = os.open("/", os.O_RDONLY | os.O_DIRECTORY)
        self.path = ""
        self.links = 0
        # The first folder on the way that somebody else can change.
        self.strange = None

    def close(self):
        """Lets go."""
        os.close(self.descriptor)

    def down(self, parts):
        """Goes down, and returns the parts that are not there."""
        parts = list(parts)
        while parts:
            status = os.fstat(self.descriptor)
            if self.strange is None and not roots_alone(status):
                self.strange = self.path or "/"
            name = parts[0]
            try:
                there = os.stat(name, dir_fd=self.descriptor, follow_symlinks=False)
            except FileNotFoundError:
                return parts
            if stat.S_ISLNK(there.st_mode):
                if there.st_uid != 0 or self.strange is not None:
                    raise Refused("{}/{} is a link, put there by {}, where a folder belongs".format(
                        self.path, name, owner(there.st_uid)), "look where it leads, remove it and run again")
                self.follow(os.readlink(name, dir_fd=self.descriptor), parts)
                continue
            if not stat.S_ISDIR(there.st_mode):
                raise Refused("{}/{} is not a folder".format(self.path, name), "move it elsewhere")
            # What was looked at may have been replaced since: this does not follow what it was replaced by.
            try:
                below = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=self.descriptor)
            except OSError as error:
                if error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
                    raise
                raise Refused("{}/{} changes while it is looked at".format(self.path, name),
                              "see which process does that")
            self.step(below)
            self.path += "/" + name
            del parts[0]
        return parts

    def follow(self, to, parts):
        """Root's own link, such as /var/run, counts as what it leads to."""
        self.links += 1
        if self.links > LONGEST:
            raise Refused("{}/{} leads to itself".format(self.path, parts[0]), "remove it")
        parts[:1] = split(os.path.normpath(to if to.startswith("/") else self.path + "/" + to))
        self.step(os.open("/", os.O_RDONLY | os.O_DIRECTORY))
        self.path = ""

    def step(self, descriptor):
        """Goes on from there."""
        os.close(self.descriptor)
        self.descriptor = descriptor


def owner(uid):
    """A user's name."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return "user {}".format(uid)


def split(path):
    """The parts of an absolute path."""
    return [part for part in path.split("/") if part]


def put(mode, user, group, path):
    """Makes the last folder of a path if need be, and gives it mode and owner."""
    walk = Walk()
    missing = walk.down(split(path))
    if len(missing) > 1:
        raise Refused("{}/{} is not there, and {} should lie in it".format(walk.path, missing[0], path),
                      "make it, with the owner and mode that it should have")
    if missing:
        # Nobody's but root's until it is given away.
        os.mkdir(missing[0], 0o700, dir_fd=walk.descriptor)
        walk.down(missing)
    status = os.fstat(walk.descriptor)
    uid = int(user) if user.isdigit() else pwd.getpwnam(user).pw_uid
    gid = int(group) if group.isdigit() else grp.getgrnam(group).gr_gid
    bits = int(mode, 8)
    if (status.st_uid, status.st_gid) != (uid, gid):
        # Not open to more than before, in between.
        os.fchmod(walk.descriptor, stat.S_IMODE(status.st_mode) & bits)
        os.fchown(walk.descriptor, uid, gid)
    os.fchmod(walk.descriptor, bits)
    walk.close()


def remove(path):
    """Removes an empty folder; one that is not empty stays."""
    parts = split(path)
    walk = Walk()
    if walk.down(parts[:-1]):
        return
    os.rmdir(parts[-1], dir_fd=walk.descriptor)


def socket(path):
    """Removes a socket on which nobody listens; what is no socket stays."""
    parts = split(path)
    walk = Walk()
    if walk.down(parts[:-1]):
        return
    try:
        there = os.stat(parts[-1], dir_fd=walk.descriptor, follow_symlinks=False)
    except FileNotFoundError:
        return
    if stat.S_ISSOCK(there.st_mode) and not {path, walk.path + "/" + parts[-1]} & listening():
        os.unlink(parts[-1], dir_fd=walk.descriptor)


def listening():
    """The paths of sockets on which somebody listens."""
    paths = set()
    with open("/proc/net/unix", errors="replace") as file:
        for line in file:
            # Number, references, protocol, flags, type, state, inode, path.
            fields = line.rstrip("\n").split(None, 7)
            if len(fields) == 8 and fields[3] == "00010000":
                paths.add(fields[7])
    return paths


def give(former, later, *paths):
    """Gives log files of one user to another, with their group if it was that user's. Whoever has them open goes on."""
    change_hands(former, later, paths, os.fchown)


def look(former, later, *paths):
    """Sees that log files can be given to another user."""
    change_hands(former, later, paths, lambda *_: None)


def change_hands(former, later, paths, chown):
    """What has another name or is no file of that user's is never given away: it could be anything."""
    try:
        users = [pwd.getpwnam(name) for name in (former, later)]
    except KeyError:
        # The new one has gone again, and with it all that there was to do.
        return
    ids = [(user.pw_uid, grp.getgrnam(user.pw_name).gr_gid) for user in users]
    for path in paths:
        log = split(path)[-1]
        walk = Walk()
        names = [] if walk.down(split(path)[:-1]) else os.listdir(walk.descriptor)
        for name in names:
            if name == log or (name.startswith(log) and ROTATED.match(name[len(log):])):
                wrong = hand_over(walk.descriptor, name, ids, chown)
                if wrong and name == log:
                    raise Refused("{} {}, and not a log file of {} alone".format(path, wrong, former),
                                  "see who put it there, move it away and run again")
        walk.close()


def hand_over(folder, name, ids, chown):
    """One file; what is wrong with it, if anything."""
    (uid, gid), (later_uid, later_gid) = ids
    try:
        if not stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            return "is no file"
        # What was looked at may have been replaced since.
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY, dir_fd=folder)
    except OSError as error:
        return None if error.errno == errno.ENOENT else "cannot be opened"
    try:
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode):
            return "is no file"
        if status.st_uid == later_uid:
            return None
        if status.st_uid != uid or uid == 0 or status.st_nlink != 1:
            return "is a file of {}, with {} names".format(owner(status.st_uid), status.st_nlink)
        chown(file, later_uid, later_gid if status.st_gid == gid else -1)
        return None
    finally:
        os.close(file)


def trust():
    """Fails for the first path that lies where anybody but root can write, or that nobody can."""
    known = set()
    for path in sys.stdin.read().splitlines():
        changeable(path)
        folder = tuple(split(path)[:-1])
        if folder in known:
            continue
        known.add(folder)
        walk = Walk()
        missing = walk.down(folder)
        if not missing and walk.strange is None and not roots_alone(os.fstat(walk.descriptor)):
            walk.strange = walk.path
        walk.close()
        if walk.strange is not None:
            status = os.stat(walk.strange)
            raise Refused("{} lies below {}, where {} or others can write and lead root astray".format(
                path, walk.strange, owner(status.st_uid)),
                "put it below folders that only root writes, such as /etc, or give that folder to root")
        changeable("/" + "/".join(folder))


def changeable(path):
    """Fails for what even root cannot replace, as `chattr` makes files and folders."""
    try:
        if not stat.S_IFMT(os.lstat(path).st_mode) in (stat.S_IFREG, stat.S_IFDIR):
            return
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError:
        return
    try:
        flags = struct.unpack("i", fcntl.ioctl(descriptor, GETFLAGS, bytes(struct.calcsize("l")))[:4])[0]
    except OSError:
        # Many file systems know no such marks, nor do devices.
        return
    finally:
        os.close(descriptor)
    for bit, (word, letter) in MARKS.items():
        if flags & bit:
            raise Refused("{} has to be written, and is {}: `lsattr -d {}` shows it".format(path, word, path),
                          "find out who made it so, and allow it by `chattr -{} {}`".format(letter, path))


def main():
    """Does what it is told, or says why not."""
    try:
        {"put": put, "remove": remove, "socket": socket, "give": give, "look": look,
         "trust": trust}[sys.argv[1]](*sys.argv[2:])
    except Refused as refused:
        print(refused.args[0], file=sys.stderr)
        print("help: {}".format(refused.args[1]), file=sys.stderr)
        return REFUSED
    except (OSError, KeyError) as error:
        print("{}: {}".format(sys.argv[-1], error), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
