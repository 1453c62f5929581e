# The box elsewhere: what the kernel offers by itself.
import ctypes
import resource

CLONE_NEWNS = 0x00020000
CLONE_NEWIPC = 0x08000000
CLONE_NEWPID = 0x20000000
MS_REC_PRIVATE = 0x4000 | 0x40000
PR_SET_PDEATHSIG = 1
PR_CAPBSET_DROP = 24
PR_SET_NO_NEW_PRIVS = 38


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
        files = open_files(options.unit)
        if files is not None:
            resource.setrlimit(resource.RLIMIT_NOFILE, files)
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


def open_files(job):
    """How many files may be open in a job of Upstart's, and the bound of that; None where it says nothing."""
    with open(job, encoding="utf-8") as file:
        for line in file:
            words = line.split()
            if words[:2] == ["limit", "nofile"]:
                return int(words[2]), int(words[3])
    return None


def check(answer):
    """Raises what went wrong in a call of the C library."""
    if answer != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
