# The way in, and what needs limits alone.
import argparse
import sys

# Seconds that a command has which is asked gently.
GENTLE = 60


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

    def ask(self):
        """Asks it to end by itself, where it can stop."""
        self.process.send_signal(signal.SIGINT)

    def end(self):
        """Ends it and what it has started; but that stays where it may end by itself and has: a service of a package
        that was installed."""
        if self.options.gently and self.has_ended():
            return
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()


def arguments():
    """What is to run, and how."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sweep", action="store_true", help="end what was left running, and nothing else")
    parser.add_argument("--plain", action="store_true", help="a command of root's own: limits alone")
    parser.add_argument("--gently", action="store_true", help="ask it first to end by itself, as Ctrl-C does")
    parser.add_argument("--unit", help="the definition of the service whose properties hold: a unit, or a job")
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
        if options.gently:
            box.ask()
            watch.last(box.has_ended, GENTLE)
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
