#!/usr/bin/env python3
"""Installs packages for the whole host that somebody else has built, as pip would, and without running any of them.

What is installed for the whole host is within reach of root's own Python and of root's own search path. So what would run by
itself is refused: code in `.pth` files, `sitecustomize`, a script that is called like one of the system's programs, files outside
the folders of packages and scripts. What remains is found by those who import it or call it by name.

Arguments: a virtual environment that admit.py has unpacked, whose packages are those that the host lacks; and where it was built.

Runs on the host as root, with `python3 -I -S`; Python 3.5 or newer and nothing but the standard library.
"""
import csv
import os
import re
import shutil
import sys

VERSION = "python{}.{}".format(*sys.version_info[:2])
SITE = "/usr/local/lib/{}/dist-packages".format(VERSION)
SCRIPTS = "/usr/local/bin"
# Pages to read, which no program obeys.
PAGES = ("share/man/", "share/doc/", "man/")
# What a virtual environment has by itself.
OWN = re.compile(r"(python[0-9.]*|[Aa]ctivate.*|include/.*|pyvenv\.cfg|lib64|\.gitignore)$")
PROGRAMS = ("/usr/sbin", "/usr/bin", "/sbin", "/bin")
# The only code in a `.pth` file that is let in: setuptools', which chooses its own copy of distutils.
SETUPTOOLS = re.compile(
    r"import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os\.environ\.get\(var, '(local|stdlib)'\) == 'local'; "
    r"enabled and __import__\('_distutils_hack'\)(\.add_shim\(\))?; ?$")


class Refused(Exception):
    """What must not be installed for the whole host."""


def files_of(root):
    """The paths of all files below a folder, relative to it."""
    found = []
    for folder, folders, files in os.walk(root):
        for name in files + [name for name in folders if os.path.islink(os.path.join(folder, name))]:
            found.append(os.path.relpath(os.path.join(folder, name), root))
    return sorted(found)


def sort(root):
    """The files to install: source, destination, whether it is a script."""
    site = "lib/{}/site-packages/".format(VERSION)
    chosen = []
    for path in files_of(root):
        source = os.path.join(root, path)
        inside = path[len(site):] if path.startswith(site) else None
        if inside is not None:
            judge_module(inside, source)
            chosen.append((source, os.path.join(SITE, inside), False))
        elif path.startswith("bin/") and "/" not in path[4:]:
            if not OWN.match(path[4:]):
                judge_script(path[4:], source)
                chosen.append((source, os.path.join(SCRIPTS, path[4:]), True))
        elif path.startswith(PAGES) and not os.path.islink(source):
            chosen.append((source, os.path.join("/usr/local", path), False))
        elif not OWN.match(path):
            raise Refused("it installs {}, outside the folders of packages and scripts".format(ascii(path)))
    return chosen


def judge_module(path, source):
    """Refuses what every Python program of the host would run or follow."""
    if os.path.islink(source):
        raise Refused("it installs a link, {}".format(ascii(path)))
    top = path.split("/")[0]
    if re.match(r"(sitecustomize|usercustomize)\b", top):
        raise Refused("it installs {}, which every Python program of the host would run".format(ascii(path)))
    if "/" in path or not path.endswith(".pth"):
        return
    with open(source, encoding="utf-8", errors="replace") as file:
        for line in file.read().split("\n"):
            line = line.rstrip("\r")
            if re.match(r"import[ \t]", line):
                if not SETUPTOOLS.match(line):
                    raise Refused("it installs {}, whose code every Python program of the host would run".format(ascii(path)))
            elif line.startswith("/") or ".." in line.split("/"):
                raise Refused("it installs {}, which leads every Python program of the host to {}".format(
                    ascii(path), ascii(line[:200])))


def judge_script(name, source):
    """Refuses a script that would be run in place of one of the system's programs."""
    if os.path.islink(source):
        raise Refused("it installs a link, {}".format(ascii("bin/" + name)))
    for folder in PROGRAMS:
        program = os.path.join(folder, name)
        if not os.path.lexists(program):
            continue
        try:
            with open(program, "rb") as file:
                first = file.readline(200)
        except OSError:
            first = b""
        # Debian's own copy of the same Python program.
        if not (first.startswith(b"#!") and b"python" in first):
            raise Refused("it installs a script {}, which is called like {}".format(ascii(name), program))


def normal(name):
    """A distribution's name, by which two spellings are one."""
    return re.sub(r"[-_.]+", "-", name).lower()


def distributions(folder):
    """The folders in which distributions describe themselves, by name."""
    found = {}
    if os.path.isdir(folder):
        for entry in os.listdir(folder):
            match = re.match(r"(.+?)-[^-]+?(-py3[0-9.]*)?\.(dist|egg)-info$", entry)
            if match:
                found.setdefault(normal(match.group(1)), []).append(entry)
    return found


def recorded(info):
    """What a distribution installed, as it wrote down itself."""
    for name, base in (("RECORD", SITE), ("installed-files.txt", info)):
        try:
            with open(os.path.join(info, name), newline="", encoding="utf-8") as file:
                return [os.path.normpath(os.path.join(base, row[0])) for row in csv.reader(file) if row]
        except OSError:
            continue
    return []


def uninstall(entry):
    """Removes another version of what is about to be installed."""
    info = os.path.join(SITE, entry)
    for path in recorded(info):
        if path.startswith((SITE + "/", SCRIPTS + "/")) and not os.path.isdir(path):
            try:
                os.unlink(path)
            except FileNotFoundError:
                continue
            parent = os.path.dirname(path)
            while parent.startswith(SITE + "/"):
                try:
                    os.rmdir(parent)
                except OSError:
                    break
                parent = os.path.dirname(parent)
    if os.path.isdir(info):
        shutil.rmtree(info)
    elif os.path.exists(info):
        os.unlink(info)


def install(built, source, destination, is_script):
    """Puts a file in place by one rename."""
    os.makedirs(os.path.dirname(destination), 0o755, exist_ok=True)
    if os.path.isdir(destination) and not os.path.islink(destination):
        shutil.rmtree(destination)
    new = os.path.join(os.path.dirname(destination), ".provision." + os.path.basename(destination)[:200])
    shutil.copyfile(source, new)
    shutil.copystat(source, new)
    if is_script:
        with open(new, "rb") as file:
            content = file.read()
        first, line_end, rest = content.partition(b"\n")
        # The environment that it was built in is gone in a moment.
        if first.startswith(b"#!" + os.fsencode(built) + b"/bin/python"):
            with open(new, "wb") as file:
                file.write(b"#!/usr/bin/python3" + line_end + rest)
        os.chmod(new, 0o755)
    os.rename(new, destination)


def main():
    """Installs all of it, or nothing and says why."""
    root, built = sys.argv[1:]
    os.umask(0o022)
    try:
        chosen = sort(root)
    except Refused as refused:
        print("refused: {}".format(refused.args[0]), file=sys.stderr)
        print("help: `python: { install: venv }` keeps the packages of an app to itself", file=sys.stderr)
        return 1
    live, new = distributions(SITE), distributions(os.path.join(root, "lib", VERSION, "site-packages"))
    for name in new:
        for entry in live.get(name, []):
            uninstall(entry)
    for source, destination, is_script in chosen:
        install(built, source, destination, is_script)
    return 0


if __name__ == "__main__":
    sys.exit(main())
