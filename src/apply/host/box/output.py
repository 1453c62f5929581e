#!/usr/bin/env python3
"""Runs a command that is not root's to run, in the box of whom it belongs to, and passes on what it prints.

What belongs to an app (its import, its release command) or to what it requires (a package's build script) gets nothing
from being deployed: a session of its own without a terminal, descriptors 0 to 2 alone, no rights and no way to any, and
limits of memory, processes and time.

Under systemd the box is a transient unit with the properties of a given one: the new unit of the app, so that what
runs before the switch may do what the app may do after it, and nothing else. Elsewhere it is the nearest that the
kernel offers by itself: a namespace of processes, which all end with the first, and the flag that no program may gain
rights.

Runs on the host as root, with `python3 -I -S`; Python 3.5 or newer and nothing but the standard library. The exit
status is the command's; 124 means that its time was up, 75 that the user asked for an end, 70 that there was no box to
be had.

This file and its neighbours are one program: what comes out, what runs inside, the two boxes, and the way in.
"""
import collections
import fcntl
import os
import select
import signal
import time

TIME_IS_UP = 124
CANCELLED = 75
NO_BOX = 70

# Bytes of a text that are kept: its begin, and its end.
HEAD = 64 * 1024
TAIL = 192 * 1024
# Bytes of a stream of data, such as an archive of packages.
STREAM = 4 << 30


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

    def last(self, has_ended, seconds):
        """Reads for so many seconds more, whoever asks for an end."""
        self.deadline, self.cancel = time.monotonic() + seconds, None
        try:
            self.until(has_ended)
        except Ended:
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
