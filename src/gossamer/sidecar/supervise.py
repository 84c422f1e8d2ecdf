"""Carries the lifecycle of Envoy out: processes, signals, timers, and where its log goes.

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
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, assert_never

from gossamer.sidecar import admin, capability, journal
from gossamer.sidecar.http_client import Unanswered
from gossamer.sidecar.json_value import member, parsed
from gossamer.sidecar.lifecycle import (
    Command,
    Drain,
    Elapsed,
    Event,
    Exited,
    Finish,
    Lifecycle,
    Send,
    Settle,
    Settled,
    Signalled,
    Start,
    Wait,
)
from gossamer.sidecar.log_file import RotatingFile

_FORWARDED: Final = (
    signal.SIGTERM,
    signal.SIGQUIT,
    signal.SIGINT,
    signal.SIGHUP,
    signal.SIGUSR1,
    signal.SIGUSR2,
)
#: First nobody new is to come, then those who are here are asked to leave.
_DRAIN_TARGETS: Final = ("/healthcheck/fail", "/drain_listeners?graceful")
_DRAIN_PATIENCE_S: Final = 2.0

_ACTIVE_TARGET: Final = "/stats?format=json&filter=downstream_rq_active$"
_ADMINS_OWN: Final = "http.admin."
_LOOK_AGAIN_S: Final = 0.05

#: What shells say of a program that is there and cannot be run.
_CANNOT_RUN: Final = 126

_PR_SET_PDEATHSIG: Final = 1
_CHUNK: Final = 65536
_LIBC: Final = ctypes.CDLL(None)


@dataclass(frozen=True, slots=True)
class Program:
    """What is run, as whom (None: as the agent itself), and where its admin interface is.

    `log` of None leaves its output to be the agent's.
    """

    command: tuple[str, ...]
    uid: int | None
    gid: int | None
    admin_socket: str
    environ: Mapping[str, str]
    log: RotatingFile | None = None


def raise_open_files() -> None:
    """Let this process and its children open as many files as the machine allows.

    Source: App Mesh user guide, the agent for Envoy: a proxy needs a file a connection.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class Supervisor:
    """One Envoy after another, and the queue of what happens to them; `started` is called for each."""

    def __init__(self, program: Program, lifecycle: Lifecycle, started: Callable[[], None]) -> None:
        self._program = program
        self._lifecycle = lifecycle
        self._started = started
        self._starts = 0
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._process: asyncio.subprocess.Process | None = None
        self._awaited: Elapsed | None = None
        self._code: int | None = None

    @property
    def pid(self) -> int | None:
        """The process of the Envoy that runs, if one does."""
        return self._process.pid if self._process else None

    @property
    def restarts(self) -> int:
        """How often Envoy was started again."""
        return max(0, self._starts - 1)

    def hear(self, event: Event) -> None:
        """Take note of an event, in order."""
        self._events.put_nowait(event)

    async def run(self) -> int:
        """Run Envoy to the end of its life; the agent's exit code."""
        with contextlib.ExitStack() as stack:
            loop = asyncio.get_running_loop()
            for number in _FORWARDED:
                loop.add_signal_handler(number, self.hear, Signalled(number))
                stack.callback(loop.remove_signal_handler, number)
            return await self._lived()

    async def _lived(self) -> int:
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
            case Settle():
                group.create_task(self._settle(), name="settle")
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
        self._starts += 1
        try:
            self._process = await self._made(group)
        except OSError as error:
            journal.error("envoy_not_started", why=str(error))
            self.hear(Exited(_CANNOT_RUN))
            return
        self._started()
        journal.info("envoy_started", pid=self._process.pid)
        group.create_task(self._watch(self._process), name="envoy")

    async def _made(self, group: asyncio.TaskGroup) -> asyncio.subprocess.Process:
        """Envoy's process.

        Raises: OSError.
        """
        program = self._program
        with _output(program.log, group) as output, capability.kept():
            return await asyncio.create_subprocess_exec(
                *program.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=program.environ,
                # A group of its own: what a terminal sends must come once, from the agent.
                process_group=0,
                preexec_fn=_becoming_envoy(os.getpid()),
                user=program.uid,
                group=program.gid,
                extra_groups=None if program.gid is None else (),
            )

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        """Say when it exits."""
        code = await process.wait()
        self._process = None
        self.hear(Exited(code))

    async def _drain(self) -> None:
        """Ask for the drain; an Envoy that does not answer is stopped all the same when its time is up."""
        for target in _DRAIN_TARGETS:
            try:
                await admin.post(self._program.admin_socket, target, within_s=_DRAIN_PATIENCE_S)
            except Unanswered as error:
                journal.warning("drain_refused", why=str(error))

    async def _settle(self) -> None:
        """Close the way in, and wait until every request is answered, for as long as the lifecycle lets."""
        with contextlib.suppress(Unanswered):
            await admin.post(self._program.admin_socket, admin.DRAIN_INBOUND, within_s=_DRAIN_PATIENCE_S)
            while self._process and _active(await self._asked(_ACTIVE_TARGET)):  # noqa: ASYNC110  Envoy has no event
                await asyncio.sleep(_LOOK_AGAIN_S)
        self.hear(Settled())

    async def _asked(self, target: str) -> bytes:
        """What Envoy's admin interface answers.

        Raises: Unanswered.
        """
        return await admin.get(self._program.admin_socket, target, within_s=_DRAIN_PATIENCE_S)

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
        case Elapsed() | Settled():
            pass
        case _:
            assert_never(event)


def _active(stats: bytes) -> int:
    """How many requests are being answered, the one that asks apart."""
    found = member(parsed(stats), "stats")
    named = [(member(one, "name"), member(one, "value")) for one in found] if isinstance(found, list) else []
    counts = (value for name, value in named if not str(name).startswith(_ADMINS_OWN))
    return sum(value for value in counts if isinstance(value, int))


@contextlib.contextmanager
def _output(log: RotatingFile | None, group: asyncio.TaskGroup) -> Iterator[int | None]:
    """Where Envoy writes: to the agent's own output, or through a pipe into the file."""
    if log is None:
        yield None
        return
    read_end, write_end = os.pipe()
    group.create_task(_copied(read_end, log), name="envoy-log")
    try:
        yield write_end
    finally:
        os.close(write_end)


async def _copied(read_end: int, log: RotatingFile) -> None:
    """Copy what Envoy writes into the file, until there is no Envoy to write more."""
    reader = asyncio.StreamReader()
    with os.fdopen(read_end, "rb") as pipe:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
        while data := await reader.read(_CHUNK):
            log.write(data)
        transport.close()


def _becoming_envoy(agent: int) -> Callable[[], None]:
    """What a process does before it becomes Envoy: keep its rights, and ask to be killed with the agent.

    It must come after the change of user, which clears the request; `subprocess` keeps to that order.
    """

    def ask() -> None:
        capability.pass_on()
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
