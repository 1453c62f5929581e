#!/usr/bin/env python3
"""Runs a command that is not root's to run, in the box of whom it belongs to, and passes on what it prints.

What belongs to an app (its import, its release command) or to what it requires (a package's build script) gets nothing from
being deployed: a session of its own without a terminal, descriptors 0 to 2 alone, no rights and no way to any, and limits of
memory, processes and time.

Under systemd the box is a transient unit with the properties of a given one: the coming unit of the app, so that what runs
before the switch may do what the app may do after it, and nothing else. Elsewhere it is the nearest that the kernel offers by
itself: a namespace of processes, which all end with the first, and the flag that no program may gain rights.

Runs on the host as root, with `python3 -I -S`; Python 3.5 or newer and nothing but the standard library. The exit status is the
command's; 124 means that its time was up, 75 that the user asked for an end, 70 that there was no box to be had.
"""
import argparse
import collections
import ctypes
import fcntl
import grp
import os
import pwd
import resource
import select
import shlex
import shutil
import signal
import subprocess
import sys
import time

FOLDER = "/run/provision-box"
UNITS = "/run/systemd/system"

TIME_IS_UP = 124
CANCELLED = 75
NO_BOX = 70

# Bytes of a text that are kept: its begin, and its end.
HEAD = 64 * 1024
TAIL = 192 * 1024
# Bytes of a stream of data, such as an archive of packages.
STREAM = 4 << 30

# Processes and threads at once.
TASKS = 512

# What a unit says of its own life, which is not that of a command.
LIFE = {
    "Type", "ExecStart", "ExecStartPre", "ExecStartPost", "ExecReload", "ExecStop", "ExecStopPost", "ExecCondition",
    "Restart", "RestartSec", "KillMode", "KillSignal", "SendSIGKILL", "FinalKillSignal", "TimeoutSec", "TimeoutStartSec",
    "TimeoutStopSec", "TimeoutAbortSec", "RuntimeMaxSec", "WatchdogSec", "StandardInput", "StandardOutput", "StandardError",
    "SyslogIdentifier", "PIDFile", "BusName", "NotifyAccess", "RemainAfterExit", "OOMPolicy", "WorkingDirectory",
    "EnvironmentFile", "RuntimeDirectory", "RuntimeDirectoryPreserve", "Sockets", "FileDescriptorStoreMax", "Slice", "Delegate",
    "User", "Group", "TTYPath", "SuccessExitStatus",
}

CLONE_NEWNS = 0x00020000
CLONE_NEWIPC = 0x08000000
CLONE_NEWPID = 0x20000000
MS_REC_PRIVATE = 0x4000 | 0x40000
PR_SET_PDEATHSIG = 1
PR_CAPBSET_DROP = 24
PR_SET_NO_NEW_PRIVS = 38


class Ended(Exception):
    """The command has to end; holds the exit status that says why."""


class Text:
    """A text of any length, of which the begin and the end are passed on."""

    def __init__(self, to):
        self.to = to
        self.head = HEAD
        self.left_out = 0
        self.tail = collections.deque()
        self.kept = 0

    def take(self, data):
        """Takes what was printed."""
        if self.head > 0:
            write(self.to, data[:self.head])
            data, self.head = data[self.head:], self.head - len(data)
        if not data:
            return
        self.tail.append(data)
        self.kept += len(data)
        while self.kept - len(self.tail[0]) >= TAIL:
            self.left_out += len(self.tail[0])
            self.kept -= len(self.tail.popleft())

    def close(self):
        """Passes on what was kept."""
        if self.left_out:
            write(self.to, "\n[{} bytes are left out here]\n".format(self.left_out).encode())
        for data in self.tail:
            write(self.to, data)


class Stream:
    """Data that is passed on byte for byte."""

    def __init__(self, to):
        self.to = to
        self.left = STREAM

    def take(self, data):
        """Takes what was printed; too much ends the command."""
        self.left -= len(data)
        if self.left < 0:
            write(2, b"more than 4 GiB came out of it\n")
            raise Ended(1)
        write(self.to, data)

    def close(self):
        """All was passed on already."""


def write(descriptor, data):
    """Writes all of it. Whoever does not listen any more has to make do with less."""
    while data:
        try:
            data = data[os.write(descriptor, data):]
        except BrokenPipeError:
            return


class Watch:
    """Reads what the command prints until it ends, its time is up, or the user asks for an end."""

    def __init__(self, options):
        self.deadline = time.monotonic() + options.seconds
        self.cancel = options.cancel
        self.sinks = {}
        # A child that ends writes here, so that its end is seen at once.
        self.wakes, writing = os.pipe()
        for descriptor in (self.wakes, writing):
            fcntl.fcntl(descriptor, fcntl.F_SETFL, os.O_NONBLOCK)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        signal.set_wakeup_fd(writing)

    def add(self, descriptor, sink):
        """Reads a descriptor from now on."""
        fcntl.fcntl(descriptor, fcntl.F_SETFL, os.O_NONBLOCK)
        self.sinks[descriptor] = sink

    def until(self, has_ended):
        """Reads until `has_ended` says so, and then what is left."""
        while not has_ended():
            if time.monotonic() > self.deadline:
                raise Ended(TIME_IS_UP)
            if self.cancel and os.path.exists(self.cancel):
                raise Ended(CANCELLED)
            self.read(0.1)
        # Whoever else holds the pipe may write for ever.
        last = time.monotonic() + 5
        while self.read(0) and time.monotonic() < last:
            pass

    def read(self, seconds):
        """Reads once; False if there was nothing."""
        some = False
        for descriptor in select.select([self.wakes] + list(self.sinks), [], [], seconds)[0]:
            try:
                data = os.read(descriptor, 1 << 16)
            except BlockingIOError:
                continue
            if descriptor == self.wakes:
                continue
            if data:
                some = True
                self.sinks[descriptor].take(data)
            else:
                # The last one that could write has gone.
                del self.sinks[descriptor]
        return some


def properties(path):
    """The properties of a service that hold for a command of its app as well, one line each."""
    lines, section, whole = [], "", ""
    with open(path, encoding="utf-8") as file:
        for line in file:
            line = line.rstrip("\n")
            if not whole and line.lstrip()[:1] in ("#", ";"):
                continue
            whole += line
            if whole.endswith("\\"):
                whole = whole[:-1] + " "
                continue
            line, whole = whole.strip(), ""
            if line.startswith("["):
                section = line
            elif section == "[Service]" and "=" in line and line.split("=", 1)[0].strip() not in LIFE:
                lines.append(line)
    return lines


def memory():
    """Bytes of memory that a box gets at most: three quarters of the host's."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 4 * 3


def script(options, redirect):
    """What runs inside, in Bash: a text in a file, so that no word of it stands in a list of processes' options."""
    lines = ["#!/usr/bin/env bash", "# A command in a box of provision's.", redirect]
    if options.source:
        # Where no service manager reads the environment, a shell does.
        lines += ["set -a", ". " + shlex.quote(options.source), "set +a"]
    lines += ["cd " + shlex.quote(options.folder) + " || exit 70"]
    lines += ["export " + shlex.quote(word) for word in options.environment]
    lines += ["exec " + " ".join(shlex.quote(word) for word in options.command)]
    return "\n".join(line for line in lines if line) + "\n"


class Systemd:
    """A box that is a unit."""

    def __init__(self, options):
        self.name = "provision-box-{}.service".format(os.getpid())
        self.unit = os.path.join(UNITS, self.name)
        self.files = {word: os.path.join(FOLDER, "{}.{}".format(os.getpid(), word)) for word in ("sh", "out", "err")}
        self.options = options
        self.starting = None

    def begin(self, watch, out, err):
        """Writes the unit and starts it."""
        options = self.options
        os.makedirs(FOLDER, 0o711, exist_ok=True)
        group = pwd.getpwnam(options.user).pw_gid
        for word, sink in (("out", out), ("err", err)):
            os.mkfifo(self.files[word], 0o600)
            os.chown(self.files[word], 0, group)
            os.chmod(self.files[word], 0o620)
            # Open for both, so that there is always somebody who writes: the unit says when it has ended, not the pipe.
            watch.add(os.open(self.files[word], os.O_RDWR | os.O_CLOEXEC), sink)
        redirect = "exec </dev/null >{out} 2>{err}".format(**self.files)
        new_file(self.files["sh"], script(options, redirect), group)
        new_file(self.unit, self.text(), None)
        self.starting = subprocess.Popen(
            ["systemctl", "start", "--", self.name], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)

    def text(self):
        """The unit."""
        options = self.options
        inherited = properties(options.unit)
        lines = ["# A command in a box of provision's: the properties of the service that it belongs to.", "[Unit]",
                 "Description=A command of {} in its box".format(options.user), "", "[Service]"]
        keys = {line.split("=", 1)[0].strip() for line in inherited}
        if not keys & {"MemoryMax", "MemoryLimit"}:
            # The second is what the first was called up to systemd 230.
            lines += ["MemoryMax={}".format(memory()), "MemoryLimit={}".format(memory())]
        if "TasksMax" not in keys:
            lines.append("TasksMax={}".format(TASKS))
        lines += inherited
        for path in options.write:
            # The second is what the first was called up to systemd 230; with the `-` it need not be there yet.
            path = path.replace("%", "%%")
            lines += ["ReadWritePaths=-" + path, "ReadWriteDirectories=-" + path]
        if options.env_file:
            lines.append("EnvironmentFile=" + options.env_file.replace("%", "%%"))
        user = options.user
        group = grp.getgrgid(pwd.getpwnam(user).pw_gid).gr_name
        lines += ["User=" + user, "Group=" + group, "WorkingDirectory=/", "LimitCORE=0", "Type=oneshot",
                  "ExecStart=/bin/bash " + self.files["sh"], "StandardInput=null", "StandardOutput=null", "StandardError=null",
                  "KillSignal=SIGKILL", "TimeoutStartSec={}".format(int(options.seconds) + 30), "TimeoutStopSec=10"]
        return "\n".join(lines) + "\n"

    def has_ended(self):
        """Whether the command, and with it everything that it has left running, has ended."""
        return self.starting.poll() is not None

    def status(self):
        """The command's exit status."""
        if self.starting.returncode == 0:
            return 0
        shown = subprocess.Popen(
            ["systemctl", "show", "--property=ExecMainCode,ExecMainStatus,Result,LoadState", "--", self.name],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        answer = shown.communicate(timeout=30)[0].decode("utf-8", "replace")
        facts = dict(line.split("=", 1) for line in answer.splitlines() if "=" in line)
        status = int(facts.get("ExecMainStatus", "0"))
        if facts.get("ExecMainCode") == "1" and 0 < status < 200:
            return status
        if facts.get("ExecMainCode") in ("2", "3"):
            write(2, "it was ended by signal {} ({})\n".format(status, facts.get("Result")).encode())
            return 128 + status
        # From 200 on it is systemd that could not make the box.
        write(2, "the service manager did not run it: {}\n".format(answer.strip().replace("\n", ", ")).encode())
        return NO_BOX

    def end(self):
        """Ends whatever still runs, and leaves nothing behind."""
        if self.starting is not None and self.starting.poll() is None:
            quietly(["systemctl", "kill", "--signal=SIGKILL", "--", self.name])
            quietly(["systemctl", "stop", "--", self.name])
            try:
                self.starting.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.starting.kill()
                self.starting.wait()
        if self.starting is not None and self.starting.returncode != 0:
            # A unit that failed would be remembered, and the host count as degraded.
            quietly(["systemctl", "reset-failed", "--", self.name])
        for path in [self.unit] + list(self.files.values()):
            try:
                os.unlink(path)
            except FileNotFoundError:
                pass


class Kernel:
    """A box of what the kernel offers by itself."""

    def __init__(self, options):
        self.options = options
        self.first = None
        self.code = None

    def begin(self, watch, out, err):
        """Starts the first process of a namespace, which stays root's and runs the command as its only child."""
        reading, writing = zip(os.pipe(), os.pipe())
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(CLONE_NEWPID) != 0:
            raise OSError(ctypes.get_errno(), "no namespace for its processes")
        mine = os.getpid()
        self.first = os.fork()
        if self.first == 0:
            try:
                self.be_first(libc, mine, writing)
            except BaseException as error:  # pylint: disable=broad-except
                write(writing[1], "the box could not be made: {}\n".format(error).encode())
            os._exit(NO_BOX)
        for descriptor in writing:
            os.close(descriptor)
        watch.add(reading[0], out)
        watch.add(reading[1], err)

    def be_first(self, libc, parent, writing):
        """In the namespace: everything in it ends with this process, and this one with its parent."""
        check(libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0))
        check(libc.unshare(CLONE_NEWNS | CLONE_NEWIPC))
        check(libc.mount(b"none", b"/", None, MS_REC_PRIVATE, None))
        check(libc.mount(b"proc", b"/proc", b"proc", 0, None))
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        child = os.fork()
        if child == 0:
            try:
                self.be_command(libc, writing)
            except BaseException as error:  # pylint: disable=broad-except
                write(2, "the box could not be made: {}\n".format(error).encode())
            os._exit(NO_BOX)
        for descriptor in writing:
            os.close(descriptor)
        while True:
            pid, status = os.wait()
            if pid == child:
                os._exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))

    def be_command(self, libc, writing):
        """Gives up every right and becomes the command."""
        options = self.options
        os.setsid()
        null = os.open("/dev/null", os.O_RDWR)
        for to, descriptor in enumerate((null,) + tuple(writing)):
            os.dup2(descriptor, to)
        os.closerange(3, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
        for kind, limit in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_NPROC, TASKS), (resource.RLIMIT_AS, memory())):
            resource.setrlimit(kind, (limit, limit))
        os.umask(0o022)
        user = pwd.getpwnam(options.user)
        number = 0
        while libc.prctl(PR_CAPBSET_DROP, number, 0, 0, 0) == 0:
            number += 1
        check(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        os.initgroups(user.pw_name, user.pw_gid)
        os.setresgid(user.pw_gid, user.pw_gid, user.pw_gid)
        os.setresuid(user.pw_uid, user.pw_uid, user.pw_uid)
        # What a program could inherit as well: version 3 of the call, for this process, and nothing in any set.
        check(libc.capset((ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()))
        environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": user.pw_dir, "USER": user.pw_name,
                       "LOGNAME": user.pw_name, "SHELL": "/bin/sh"}
        os.execve("/bin/bash", ["bash", "-c", script(options, "")], environment)

    def has_ended(self):
        """Whether the first process, and with it all others, has ended."""
        if self.code is None:
            pid, status = os.waitpid(self.first, os.WNOHANG)
            if pid:
                self.code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)
        return self.code is not None

    def status(self):
        """The command's exit status."""
        return self.code

    def end(self):
        """Ends whatever still runs."""
        if self.first is not None and self.code is None:
            os.kill(self.first, signal.SIGKILL)
            os.waitpid(self.first, 0)


class Plain:
    """No box: a command of root's own, which gets limits alone."""

    def __init__(self, options):
        self.options = options
        self.process = None

    def begin(self, watch, out, err):
        """Starts the command in a session of its own."""
        self.process = subprocess.Popen(
            self.options.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True)
        watch.add(self.process.stdout.fileno(), out)
        watch.add(self.process.stderr.fileno(), err)

    def has_ended(self):
        """Whether it has ended."""
        return self.process.poll() is not None

    def status(self):
        """Its exit status."""
        code = self.process.returncode
        return code if code >= 0 else 128 - code

    def end(self):
        """Ends it and what it has started."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()


def check(answer):
    """Raises what went wrong in a call of the C library."""
    if answer != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def new_file(path, text, group):
    """A file that is root's to write, and a group's or everybody's to read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        if group is not None:
            os.fchown(file.fileno(), 0, group)
        os.fchmod(file.fileno(), 0o644 if group is None else 0o640)
        file.write(text)


def quietly(command):
    """Runs a command of the service manager's, whatever it says."""
    try:
        subprocess.call(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=30)
    except subprocess.TimeoutExpired:
        pass


def sweep():
    """Ends what boxes of a process that was killed have left running."""
    if not os.path.isdir(FOLDER):
        return 0
    for name in os.listdir(UNITS):
        if name.startswith("provision-box-"):
            quietly(["systemctl", "kill", "--signal=SIGKILL", "--", name])
            quietly(["systemctl", "stop", "--", name])
            quietly(["systemctl", "reset-failed", "--", name])
            os.unlink(os.path.join(UNITS, name))
    shutil.rmtree(FOLDER)
    return 0


def arguments():
    """What is to run, and how."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sweep", action="store_true", help="end what was left running, and nothing else")
    parser.add_argument("--plain", action="store_true", help="a command of root's own: limits alone")
    parser.add_argument("--unit", help="the service whose properties hold, under systemd")
    parser.add_argument("--user", help="whose command it is")
    parser.add_argument("--folder", default="/", help="where it runs")
    parser.add_argument("--env-file", help="its environment, in the notation of systemd and of shells")
    parser.add_argument("--environment", action="append", default=[], help="NAME=VALUE, which wins over the file")
    parser.add_argument("--write", action="append", default=[], help="a folder that it may write besides")
    parser.add_argument("--seconds", type=float, default=60, help="how long it may take")
    parser.add_argument("--cancel", help="a file whose appearance ends it")
    parser.add_argument("--data", action="store_true", help="its standard output is data, and no text to be cut")
    parser.add_argument("command", nargs="*")
    return parser.parse_args()


def main():
    """Makes the box, and says how it ended."""
    options = arguments()
    options.source = None # what a shell inside reads
    if options.sweep:
        return sweep()
    if options.plain:
        box = Plain(options)
    elif os.path.isdir(UNITS):
        box = Systemd(options)
    else:
        options.source = options.env_file
        box = Kernel(options)

    def stop(_number, _frame):
        raise Ended(143)
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    watch = Watch(options)
    err = Text(2)
    out = Stream(1) if options.data else Text(1)
    try:
        box.begin(watch, out, err)
        watch.until(box.has_ended)
        code = box.status()
    except Ended as ended:
        code = ended.args[0]
    except (OSError, KeyError, ValueError, subprocess.SubprocessError) as error:
        write(2, "there is no box to run it in: {}\n".format(error).encode())
        code = NO_BOX
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        box.end()
    out.close()
    err.close()
    return code


if __name__ == "__main__":
    sys.exit(main())
