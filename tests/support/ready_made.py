"""A program that has imported what `gossamer` imports, and becomes it again and again, by forking.

`python -m gossamer.cli.main serve` spends one and a half seconds of a core on imports before it does
anything, and the tests start such programs hundreds of times. What is forked is a process of its own that
runs the same `main`. `tests/support/starting.py` asks for it, over the socket whose number is the argument.
"""

import gc
import json
import os
import select
import signal
import socket
import sys
from typing import Any, Final

from gossamer.runtime import tuning

# As `gossamer serve` does, before anything else is loaded.
tuning.begin(os.environ)

from gossamer.cli import analyze, ca, explain, keys, main, offline, serve, store  # noqa: E402 - see above
from gossamer.runtime import api_port  # noqa: E402
from gossamer.runtime import serve as serving  # noqa: E402
from gossamer.store import migration  # noqa: E402

#: The file descriptors that come with a request: what it reads and writes, and where to say how it ended.
IN, OUT, ERR, END = range(4)
#: The commands that begin at once, and what they would load once they run; any other is loaded first.
KNOWN: Final = (analyze, ca, explain, keys, serve, store, api_port, migration, offline, serving)


class Begun(Exception):
    """This is the new process."""


def follow(asked: socket.socket) -> None:
    """Fork whenever it is asked for, and tell how each one ended, until nobody asks any more.

    Raises: Begun in each that was forked.
    """
    woken, wake = os.pipe()
    sources: list[int | socket.socket] = [asked, woken]
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    ends: dict[int, int] = {}
    while True:
        ready, _, _ = select.select(sources, [], [])
        if woken in ready:
            os.read(woken, 4096)
            _tell(ends)
        if asked in ready:
            raw, descriptors, _, _ = socket.recv_fds(asked, 2**18, END + 1)
            if not raw:
                return
            _fork(asked, json.loads(raw), descriptors, (woken, wake), ends)


def _fork(
    asked: socket.socket, request: Any, descriptors: list[int], pipe: tuple[int, int], ends: dict[int, int]
) -> None:
    pid = os.fork()
    if pid == 0:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for number in (IN, OUT, ERR):
            os.dup2(descriptors[number], number)
        asked.close()
        for one in (*descriptors, *pipe, *ends.values()):
            os.close(one)
        # Off while all was loaded; `gossamer serve` decides for itself.
        gc.enable()
        os.environ.clear()
        os.environ.update(request["environ"])
        os.chdir(request["directory"])
        sys.argv = ["gossamer", *request["words"]]
        raise Begun
    for number in (IN, OUT, ERR):
        os.close(descriptors[number])
    ends[pid] = descriptors[END]
    asked.send(str(pid).encode())


def _tell(ends: dict[int, int]) -> None:
    """Say of each that has ended how it did."""
    for pid in [*ends]:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            end = ends.pop(pid)
            os.write(end, str(os.waitstatus_to_exitcode(status)).encode())
            os.close(end)


if __name__ == "__main__":
    # What is there stays: whoever looks for garbage, or ends, need not look through it.
    gc.freeze()
    try:
        follow(socket.socket(fileno=int(sys.argv[1])))
    except Begun:
        main.main()
