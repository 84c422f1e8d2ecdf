"""Starts `gossamer` as a process of its own, without the second and a half that its imports take.

Only for tests that are about something else: in `tests/e2e/test_control_plane.py`, in
`tests/unit/cli/test_main.py`, in `bench`, and within other commands it starts as it does for everybody.
"""

import atexit
import contextlib
import functools
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Protocol

READY_MADE = Path(__file__).with_name("ready_made.py")


class Program(Protocol):
    """A running program, as `subprocess.Popen` is one."""

    @property
    def pid(self) -> int: ...

    @property
    def returncode(self) -> int | None: ...

    def poll(self) -> int | None: ...

    def wait(self, timeout: float | None = None) -> int: ...

    def send_signal(self, sig: int) -> None: ...

    def terminate(self) -> None: ...

    def kill(self) -> None: ...


class Forked:
    """A program that somebody else is the parent of, and tells us how it ended."""

    def __init__(self, pid: int, end: int, words: Sequence[str]) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._end = end
        self._words = words

    def poll(self) -> int | None:
        """The code that it ended with; None while it runs."""
        return self._ended(0)

    def wait(self, timeout: float | None = None) -> int:
        """The code that it ends with."""
        code = self._ended(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(list(self._words), timeout or 0)
        return code

    def send_signal(self, sig: int) -> None:
        """Send it a signal, if it still runs."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, sig)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)

    def _ended(self, within_s: float | None) -> int | None:
        if self.returncode is None and select.select([self._end], [], [], within_s)[0]:
            self.returncode = int(os.read(self._end, 100))
            os.close(self._end)
        return self.returncode


def start(
    words: Sequence[str],
    environ: Mapping[str, str],
    *,
    given: IO[str] | None = None,
    out: IO[str] | None = None,
    err: IO[str] | None = None,
) -> Program:
    """Start a `gossamer` that is given these words; what it is to read or write nothing of is as ours."""
    request = {"words": list(words), "environ": dict(environ), "directory": str(Path.cwd())}
    usual = (sys.__stdin__, sys.__stdout__, sys.__stderr__)
    streams = [one or other for one, other in zip((given, out, err), usual, strict=True)]
    descriptors = [one.fileno() for one in streams if one is not None]
    end, theirs = os.pipe()
    try:
        socket.send_fds(_ready_made(), [json.dumps(request).encode()], [*descriptors, theirs])
    finally:
        os.close(theirs)
    return Forked(int(_ready_made().recv(100)), end, words)


def run(
    words: Sequence[str], environ: Mapping[str, str], *, given: str = "", within_s: float = 60
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, and take what it says."""
    with contextlib.ExitStack() as stack:
        files = [stack.enter_context(tempfile.TemporaryFile("w+")) for _ in range(3)]
        files[0].write(given)
        files[0].seek(0)
        program = start(words, environ, given=files[0], out=files[1], err=files[2])
        try:
            code = program.wait(within_s)
        except subprocess.TimeoutExpired:
            program.kill()
            raise
        said = []
        for file in files[1:]:
            file.seek(0)
            said.append(file.read())
        return subprocess.CompletedProcess(list(words), code, *said)


@functools.cache
def _ready_made() -> socket.socket:
    """The one that is asked to fork; it ends with us."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command = (sys.executable, "-P", str(READY_MADE), str(theirs.fileno()))
    with theirs:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()])

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours
