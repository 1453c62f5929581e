#!/usr/bin/env python3
"""Installs packages for the whole host that somebody else has built, as pip would, and without running any of them.

What is installed for the whole host is within reach of root's own Python and of root's own search path. So what would
run by itself is refused: code in `.pth` files, `sitecustomize`, a script that is called like one of the system's
programs, files outside the folders of packages and scripts. What remains is found by those who import it or call it by
name.

Arguments: a virtual environment that admit.py has unpacked, whose packages are those that the host lacks; and where it
was built.

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
# What Debian's own packages bring. Python looks here last, so a module of the same name would be taken in its place.
DEBIANS = "/usr/lib/python3/dist-packages"
# Pages to read, which no program obeys.
PAGES = ("share/man/", "share/doc/", "man/")
# What a virtual environment has by itself.
OWN = re.compile(r"(python[0-9.]*|[Aa]ctivate.*|include/.*|pyvenv\.cfg|lib64|\.gitignore)$")
PROGRAMS = ("/usr/sbin", "/usr/bin", "/sbin", "/bin")
# Scripts that a system may have as well, from the same project's Debian package: another copy of them is what is asked
# for. Of anything else that the system has, root or one of root's programs may be the one who calls it.
COMMON = {
    "alembic", "celery", "chardetect", "coverage", "django-admin", "dotenv", "flask", "gunicorn", "gunicorn3", "httpx",
    "jsonschema", "markdown_py", "normalizer", "pip", "pip3", "pybabel", "pygmentize", "pytest", "uvicorn", "wheel",
}
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


def sort(root, installed):
    """The files to install: source, destination, whether it is a script. `installed` are those of all distributions."""
    site = "lib/{}/site-packages/".format(VERSION)
    chosen = []
    new = distributions(os.path.join(root, site))
    for top in sorted({path[len(site):].split("/")[0] for path in files_of(root) if path.startswith(site)}):
        if not re.search(r"\.(dist|egg)-info$|\.pth$|^__pycache__$", top):
            judge_name(top, new)
    for path in files_of(root):
        source = os.path.join(root, path)
        inside = path[len(site):] if path.startswith(site) else None
        if inside is not None:
            judge_module(inside, source)
            chosen.append((source, os.path.join(SITE, inside), False))
        elif path.startswith("bin/") and "/" not in path[4:]:
            if not OWN.match(path[4:]):
                judge_script(path[4:], source, installed)
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
    # At any depth: a path in a `.pth` file would lead there.
    if any(re.match(r"(sitecustomize|usercustomize)\b", part) for part in path.split("/")):
        raise Refused("it installs {}, which every Python program of the host would run".format(ascii(path)))
    if "/" in path or not path.endswith(".pth"):
        return
    # Versions of Python differ in what they take for a line and for its first character: nothing is let in but what is
    # known.
    with open(source, "rb") as file:
        content = file.read(1 << 16).decode("latin-1")
    for line in re.split("\r\n|\n", content):
        if not (re.match("(#[ -~]*)?$", line) or SETUPTOOLS.match(line)):
            raise Refused("it installs {}, whose lines every Python program of the host would follow: {}".format(
                ascii(path), ascii(line[:200])))


def modules_of(folder, name, entry):
    """The modules that a distribution brings, as far as it tells; else it is taken to bring one of its own name."""
    info = os.path.join(folder, entry)
    try:
        with open(os.path.join(info, "top_level.txt"), encoding="utf-8") as file:
            return set(file.read().split())
    except (OSError, ValueError):
        return {path.split("/")[0] for path in record_of(info)} or {name, name.replace("-", "_")}


def judge_name(top, new):
    """Refuses a module in the place of one of Debian's, unless it comes from another version of the same
    distribution."""
    plain = top.split(".")[0]
    if not any(os.path.lexists(os.path.join(DEBIANS, name)) for name in (plain, plain + ".py", top)):
        return
    for name, entries in distributions(DEBIANS).items():
        if name in new and any({plain, top, plain + ".py"} & modules_of(DEBIANS, name, entry) for entry in entries):
            return
    raise Refused("it installs {}, which is called like a module of one of Debian's packages".format(ascii(top)))


def judge_script(name, source, installed):
    """Refuses a script that would be run in place of one of the system's programs."""
    if os.path.islink(source):
        raise Refused("it installs a link, {}".format(ascii("bin/" + name)))
    if name.startswith("reload-"):
        raise Refused("it installs a script {}, which is called like those that reload apps".format(ascii(name)))
    for folder in PROGRAMS:
        if name not in COMMON and os.path.lexists(os.path.join(folder, name)):
            raise Refused("it installs a script {}, which is called like {}".format(
                ascii(name), os.path.join(folder, name)))
    here = os.path.join(SCRIPTS, name)
    if os.path.lexists(here) and here not in installed:
        raise Refused("it installs a script {}, and {} is somebody else's".format(ascii(name), here))


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


def record_of(info, name="RECORD"):
    """The paths that a distribution wrote down, as they stand there."""
    try:
        with open(os.path.join(info, name), newline="", encoding="utf-8") as file:
            return [row[0] for row in csv.reader(file) if row]
    except (OSError, ValueError, csv.Error):
        # What cannot be read was not written by pip.
        return []


def recorded(info):
    """What a distribution installed, as it wrote down itself."""
    older = [os.path.join(info, path) for path in record_of(info, "installed-files.txt")]
    return [os.path.normpath(os.path.join(SITE, path)) for path in record_of(info) + older]


def uninstall(entry, paths):
    """Removes another version of what is about to be installed."""
    info = os.path.join(SITE, entry)
    for path in paths:
        is_ours = path.startswith(SITE + "/") or path.startswith(SCRIPTS + "/") and "/reload-" not in path
        if is_ours and not os.path.isdir(path):
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
        live = distributions(SITE)
        records = {entry: recorded(os.path.join(SITE, entry)) for entries in live.values() for entry in entries}
        chosen = sort(root, {path for paths in records.values() for path in paths})
    except Refused as refused:
        print("refused: {}".format(refused.args[0]), file=sys.stderr)
        print("help: `python: { install: venv }` keeps the packages of an app to itself", file=sys.stderr)
        return 1
    for name in distributions(os.path.join(root, "lib", VERSION, "site-packages")):
        for entry in live.get(name, []):
            uninstall(entry, records[entry])
    for source, destination, is_script in chosen:
        install(built, source, destination, is_script)
    return 0


if __name__ == "__main__":
    sys.exit(main())
