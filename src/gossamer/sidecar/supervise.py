"""Carries the lifecycle of Envoy out: processes, signals, timers.

Source: App Mesh user guide, the agent for Envoy; Linux prctl(2), PR_SET_PDEATHSIG.
"""

import asyncio
import contextlib
import ctypes
import os
import resource
import signal
import stat
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, assert_never

from gossamer.sidecar import admin, journal
from gossamer.sidecar.lifecycle import (
    Command,
    Drain,
    Elapsed,
    Event,
    Exited,
    Finish,
    Lifecycle,
    Send,
    Signalled,
    Start,
    Wait,
)

_FORWARDED: Final = (
    signal.SIGTERM,
    signal.SIGQUIT,
    signal.SIGINT,
    signal.SIGHUP,
    signal.SIGUSR1,
    signal.SIGUSR2,
)
_DRAIN_TARGET: Final = "/drain_listeners?graceful"
_DRAIN_PATIENCE_S: Final = 2.0

#: What shells say of a program that is there and cannot be run.
_CANNOT_RUN: Final = 126

_PR_SET_PDEATHSIG: Final = 1
_LIBC: Final = ctypes.CDLL(None)


@dataclass(frozen=True, slots=True)
class Program:
    """What is run, as whom (None: as the agent itself), and where its admin interface is."""

    command: tuple[str, ...]
    uid: int | None
    gid: int | None
    admin_socket: str


async def supervise(program: Program, lifecycle: Lifecycle) -> int:
    """Run Envoy to the end of its life; the agent's exit code."""
    with contextlib.ExitStack() as stack:
        supervisor = _Supervisor(program, lifecycle)
        loop = asyncio.get_running_loop()
        for number in _FORWARDED:
            loop.add_signal_handler(number, supervisor.hear, Signalled(number))
            stack.callback(loop.remove_signal_handler, number)
        return await supervisor.run()


def raise_open_files() -> None:
    """Let this process and its children open as many files as the machine allows.

    Source: App Mesh user guide, the agent for Envoy: a proxy needs a file a connection.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class _Supervisor:
    """One Envoy after another, and the queue of what happens to them."""

    def __init__(self, program: Program, lifecycle: Lifecycle) -> None:
        self._program = program
        self._lifecycle = lifecycle
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._process: asyncio.subprocess.Process | None = None
        self._awaited: Elapsed | None = None
        self._code: int | None = None

    def hear(self, event: Event) -> None:
        """Take note of an event, in order."""
        self._events.put_nowait(event)

    async def run(self) -> int:
        """Carry out what the lifecycle commands until it finishes."""
        async with asyncio.TaskGroup() as group:
            for command in self._lifecycle.begin():
                await self._carry_out(command, group)
            while self._code is None:
                event = await self._events.get()
                if isinstance(event, Elapsed) and event is not self._awaited:
                    continue  # another wait has taken its place
                _log(event)
                for command in self._lifecycle.handle(event):
                    await self._carry_out(command, group)
        return self._code

    async def _carry_out(self, command: Command, group: asyncio.TaskGroup) -> None:
        """One command's effect."""
        match command:
            case Start():
                await self._start(group)
            case Drain():
                group.create_task(self._drain(), name="drain")
            case Send(number):
                self._send(number)
            case Wait(time):
                self._wait(time.total_seconds())
            case Finish(code):
                self._code = code
            case _:
                assert_never(command)

    async def _start(self, group: asyncio.TaskGroup) -> None:
        """Start Envoy and watch it; one that cannot be run counts as one that exited."""
        program = self._program
        try:
            self._process = await asyncio.create_subprocess_exec(
                *program.command,
                stdin=subprocess.DEVNULL,
                # A group of its own: what a terminal sends must come once, from the agent.
                process_group=0,
                preexec_fn=_dies_with(os.getpid()),
                user=program.uid,
                group=program.gid,
                extra_groups=None if program.gid is None else (),
            )
        except OSError as error:
            journal.error("envoy_not_started", why=str(error))
            self.hear(Exited(_CANNOT_RUN))
            return
        journal.info("envoy_started", pid=self._process.pid)
        group.create_task(self._watch(self._process), name="envoy")

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        """Say when it exits."""
        code = await process.wait()
        self._process = None
        self.hear(Exited(code))

    async def _drain(self) -> None:
        """Ask for the drain; an Envoy that does not answer is stopped all the same when its time is up."""
        try:
            await admin.post(self._program.admin_socket, _DRAIN_TARGET, within_s=_DRAIN_PATIENCE_S)
        except admin.Unanswered as error:
            journal.warning("drain_refused", why=str(error))

    def _send(self, number: signal.Signals) -> None:
        """Send a signal to the Envoy that runs, if one does."""
        with contextlib.suppress(ProcessLookupError):
            if self._process is not None:
                self._process.send_signal(number)

    def _wait(self, seconds: float) -> None:
        """Say `Elapsed` later, unless another wait takes this one's place."""
        self._awaited = Elapsed()
        asyncio.get_running_loop().call_later(seconds, self.hear, self._awaited)


def _log(event: Event) -> None:
    """Tell the operator what happened; a wait that is over is no news."""
    match event:
        case Exited(code):
            journal.warning("envoy_exited", code=code)
        case Signalled(number):
            journal.info("signal_received", signal=number.name)
        case Elapsed():
            pass
        case _:
            assert_never(event)


def _dies_with(agent: int) -> Callable[[], None]:
    """What Envoy's process does before it becomes Envoy: ask to be killed when the agent is gone.

    It must come after the change of user, which clears the request; `subprocess` keeps to that order.
    """

    def ask() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != agent:
            os._exit(_CANNOT_RUN)  # the agent went while its child was being made

    return ask


def give_streams(uid: int) -> None:
    """Let another user open standard output and error by name, as `/dev/stdout` in an access log does.

    Source: Linux proc(5): opening /proc/self/fd/1 anew checks the file's permissions again.
    """
    for descriptor in (1, 2):
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISFIFO(mode) or stat.S_ISREG(mode):
            with contextlib.suppress(PermissionError):
                os.fchown(descriptor, uid, -1)
