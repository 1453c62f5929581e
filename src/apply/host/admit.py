#!/usr/bin/env python3
"""The one gate for code on its way into a folder of root's: an archive on standard input becomes files, or is refused
whole.

Whatever delivers a release or a package (a folder of the operator's, a git repository, a package's build script), it
comes as a stream of bytes and leaves as new files, folders and links of root's. Nothing is taken over that anybody else
still holds, no path is followed that the archive names, and nothing gets in that reaches out of the folder or lends
rights: links that lead out, hard links, devices, sockets, setuid bits, names with control characters.

Arguments: `release FOLDER`, for code; `environment FOLDER`, for a virtual environment, whose links may lead to the
host's Python; `bytecode FOLDER`, for compiled files beside the sources that a release has already; `inspect FOLDER`,
which takes nothing and judges a release that is there, from before there was a gate. A further argument names a file
whose appearance ends the work. The exit status is 0 for what got in, 1 for what did not, and 75 when the user asked for
an end.

Runs on the host as root, with `python3 -I -S`; Python 3.5 or newer and nothing but the standard library.
"""
import os
import posixpath
import re
import resource
import signal
import stat
import sys
import tarfile
import time

REFUSED = 1
CANCELLED = 75

# Entries of an archive, and folders in folders.
MOST = 500000
DEEPEST = 100
# Links that lead to links.
LONGEST = 40
# Bytes of what one leads to: no kernel takes more.
LONGEST_LINK = 4095
# Seconds that all of it may take, and bytes of memory: what an archive says of itself is anybody's.
SECONDS = 900
MEMORY = 1 << 30
# Bytes of all files together.
LARGEST = 16 << 30
# Seconds from one look at the clock to the next, and at whether the user asked for an end.
BREATH = 0.2

# The last file that a release gets, which says that it is complete.
MARKER = ".provision-release"
PYTHON = re.compile(r"/usr/bin/python3(\.[0-9]+)?$")
COMPILED = re.compile(r"(?P<source>[^/]+)\.cpython-3[0-9]+(\.opt-[12])?\.pyc$")


class Refused(Exception):
    """The archive holds what must not get in; what it is, and the way out."""


class Cancelled(Exception):
    """The user asked for an end."""


def watch(cancel):
    """From now on ends the work when its time is up or the file `cancel` appears, whatever it is at."""
    deadline = time.monotonic() + SECONDS

    def look(_number, _frame):
        if cancel and os.path.exists(cancel):
            raise Cancelled()
        if time.monotonic() > deadline:
            raise Refused("it takes more than {} minutes".format(SECONDS // 60))
    signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, BREATH, BREATH)


def parts_of(name):
    """The parts of a path inside the folder."""
    if name.startswith("/"):
        raise Refused("the path {} is absolute".format(shown(name)))
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise Refused("the path {} leads upwards".format(shown(name)))
    if len(parts) > DEEPEST:
        raise Refused("{}… lies in more than {} folders".format(shown("/".join(parts[:3])), DEEPEST))
    for part in parts:
        if len(os.fsencode(part)) > 255 or re.search("[\x00-\x1f\x7f-\x9f]", part):
            raise Refused("the name {} has control characters or more than 255 bytes".format(shown(part)))
    return tuple(parts)


def shown(name):
    """A name as a message can have it."""
    return ascii(name[:200])


class Tree:
    """What the archive makes, by path: checked whole before the first link is made."""

    def __init__(self, root, outside):
        self.root = root
        self.outside = outside
        self.folders = {()}
        self.files = set()
        self.links = {}
        self.bytes = 0

    def add(self, archive, entry):
        """Makes a folder or a file, and keeps a link for later."""
        parts = parts_of(entry.name)
        if not self.outside:
            if "__pycache__" in parts[:-1] or (entry.isdir() and parts[-1:] == ("__pycache__",)):
                # It never belongs to a release: bytecode is made on the host.
                return
            if parts[-1:] == ("__pycache__",):
                raise Refused("{} is no folder, where Python keeps bytecode".format(shown(entry.name)), "remove it")
            if parts == (MARKER,):
                raise Refused("{} is the mark of a complete release".format(MARKER), "remove it from the code")
        if entry.mode & (stat.S_ISUID | stat.S_ISGID) and not entry.isdir():
            raise Refused("{} lends its owner's rights to others (setuid or setgid)".format(shown(entry.name)),
                          "take the bit away: chmod ug-s")
        if not parts:
            return
        if parts in self.files or parts in self.links or (parts in self.folders and not entry.isdir()):
            raise Refused("{} comes twice".format(shown(entry.name)))
        self.parent(parts[:-1])
        if entry.isdir():
            self.folder(parts)
        elif entry.isreg():
            self.files.add(parts)
            self.file(parts, archive.extractfile(entry), entry)
        elif entry.issym():
            if len(os.fsencode(entry.linkname)) > LONGEST_LINK:
                raise Refused("the link {} has more than {} bytes".format(shown(entry.name), LONGEST_LINK))
            self.links[parts] = entry.linkname
        else:
            raise Refused("{} is neither a file nor a folder nor a symbolic link".format(shown(entry.name)),
                          "leave it out of the code")

    def parent(self, parts):
        """Makes the folders that something lies in, where the archive has not named them."""
        if parts in self.folders:
            return
        if parts in self.files or parts in self.links:
            raise Refused("{} is a file or a link, and something lies in it".format(shown("/".join(parts))))
        self.parent(parts[:-1])
        self.folder(parts)

    def folder(self, parts):
        """Makes a folder."""
        if parts not in self.folders:
            self.folders.add(parts)
            os.mkdir(self.path(parts), 0o755)

    def file(self, parts, content, entry):
        """Makes a file, always a new one."""
        self.bytes += entry.size
        if self.bytes > LARGEST:
            raise Refused("it has more than {} GiB".format(LARGEST >> 30))
        descriptor = os.open(self.path(parts), os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            for block in iter(lambda: content.read(1 << 20), b""):
                file.write(block)
            os.fchmod(descriptor, 0o755 if entry.mode & 0o111 else 0o644)
        # Bytecode is valid for a source of this very time.
        os.utime(self.path(parts), (max(0, int(entry.mtime)),) * 2, follow_symlinks=False)

    def path(self, parts):
        """The place on the disk. All that lies above it was made here, and is root's."""
        return os.path.join(self.root, *parts)

    def finish(self):
        """Makes the links, once it is certain that none leads out."""
        for parts in self.links:
            self.judge(parts)
        for parts, to in self.links.items():
            os.symlink(to, self.path(parts))

    def judge(self, parts):
        """Follows a link to its end, over all others."""
        name, to = "/".join(parts), self.links[parts]
        place, ahead, hops = list(parts[:-1]), to.split("/"), 1
        if to.startswith("/"):
            if self.outside and PYTHON.match(to):
                return
            raise Refused("the link {} leads out, to {}".format(shown(name), shown(to)), "put a copy there instead")
        while ahead:
            part = ahead.pop(0)
            if part in ("", "."):
                continue
            if part == "..":
                if not place:
                    raise Refused("the link {} leads out, to {}".format(shown(name), shown(to)),
                                  "put a copy there instead")
                place.pop()
                continue
            place.append(part)
            further = self.links.get(tuple(place))
            if further is None:
                continue
            hops += 1
            if hops > LONGEST:
                raise Refused("the link {} leads to itself".format(shown(name)), "remove it")
            if further.startswith("/"):
                if self.outside and PYTHON.match(further) and not ahead:
                    return
                raise Refused("the link {} leads out, over {}".format(shown(name), shown(further)),
                              "put a copy there instead")
            place.pop()
            ahead = further.split("/") + ahead


class Bytecode(Tree):
    """Compiled files for the sources of a release that is there."""

    def add(self, archive, entry):
        """Takes only what belongs to a source."""
        parts = parts_of(entry.name)
        if entry.isdir():
            return
        compiled = COMPILED.match(parts[-1]) if parts else None
        if not entry.isreg() or compiled is None or parts[-2:-1] != ("__pycache__",):
            raise Refused("{} is no bytecode".format(shown(entry.name)))
        source = self.path(parts[:-2] + (compiled.group("source") + ".py",))
        # Links of the release end inside of it, yet the bytecode of a source lies beside the source itself.
        if os.path.realpath(source) != source or not os.path.isfile(source):
            raise Refused("{} has no source".format(shown(entry.name)))
        os.makedirs(self.path(parts[:-1]), 0o755, exist_ok=True)
        if parts not in self.files:
            self.files.add(parts)
            self.file(parts, archive.extractfile(entry), entry)


def inspect(root):
    """The tree that is there, but for an environment, which has passed by itself."""
    tree = Tree(root, False)
    for folder, folders, files in os.walk(root):
        if folder == root and "venv" in folders and not os.path.islink(os.path.join(root, "venv")):
            folders.remove("venv")
        for name in folders + files:
            path = os.path.join(folder, name)
            if os.path.islink(path):
                tree.links[parts_of(os.path.relpath(path, root))] = os.readlink(path)
            elif os.lstat(path).st_mode & (stat.S_ISUID | stat.S_ISGID) and os.path.isfile(path):
                raise Refused("{} lends its owner's rights to others (setuid or setgid)".format(shown(path)))
    for parts in tree.links:
        tree.judge(parts)


def admit(kind, root):
    """Takes the archive on standard input, or judges what is there."""
    if kind == "inspect":
        return inspect(root)
    if kind == "bytecode":
        tree = Bytecode(root, True)
    else:
        os.mkdir(root, 0o755)
        tree = Tree(root, kind == "environment")
    with tarfile.open(fileobj=sys.stdin.buffer, mode="r|", encoding="utf-8", errors="surrogateescape") as archive:
        for number, entry in enumerate(archive):
            if number >= MOST:
                raise Refused("it has more than {} files".format(MOST))
            tree.add(archive, entry)
            # Whoever reads a stream need not remember what has passed.
            archive.members = []
    return tree.finish()


def main():
    """Says why, where something does not get in."""
    kind, root = sys.argv[1], posixpath.normpath(sys.argv[2])
    os.umask(0o022)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        watch(sys.argv[3] if len(sys.argv) > 3 else None)
        try:
            admit(kind, root)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        return 0
    except Cancelled:
        return CANCELLED
    except Refused as refused:
        print("refused: {}".format(refused.args[0]), file=sys.stderr)
        if kind == "inspect":
            print("help: deliver the release anew, by `provision up`, from code without it", file=sys.stderr)
        elif len(refused.args) > 1:
            print("help: {}".format(refused.args[1]), file=sys.stderr)
    except (tarfile.TarError, EOFError, UnicodeError, ValueError, OverflowError, MemoryError) as error:
        print("the archive is damaged: {}".format(error), file=sys.stderr)
    except OSError as error:
        print("it cannot be unpacked: {}".format(error), file=sys.stderr)
    return REFUSED


if __name__ == "__main__":
    sys.exit(main())
