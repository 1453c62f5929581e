# The box under systemd: a transient unit.
import grp
import pwd
import shutil
import subprocess

FOLDER = "/run/provision-box"
UNITS = "/run/systemd/system"

# What a unit says of its own life, which is not that of a command.
LIFE = {
    "Type", "ExecStart", "ExecStartPre", "ExecStartPost", "ExecReload", "ExecStop", "ExecStopPost", "ExecCondition",
    "Restart", "RestartSec", "KillMode", "KillSignal", "SendSIGKILL", "FinalKillSignal",
    "TimeoutSec", "TimeoutStartSec", "TimeoutStopSec", "TimeoutAbortSec", "RuntimeMaxSec", "WatchdogSec",
    "StandardInput", "StandardOutput", "StandardError", "SyslogIdentifier", "TTYPath",
    "PIDFile", "BusName", "NotifyAccess", "RemainAfterExit", "OOMPolicy", "WorkingDirectory", "EnvironmentFile",
    "RuntimeDirectory", "RuntimeDirectoryPreserve", "Sockets", "FileDescriptorStoreMax", "Slice", "Delegate",
    "User", "Group", "SuccessExitStatus",
}


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
                  "ExecStart=/bin/bash " + self.files["sh"],
                  "StandardInput=null", "StandardOutput=null", "StandardError=null",
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
        # Where what waits for the unit was killed, the unit itself goes on.
        if self.starting is not None and (self.starting.poll() is None or self.starting.returncode < 0):
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
        subprocess.call(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                        timeout=30)
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
