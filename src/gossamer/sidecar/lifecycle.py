"""Pure: when Envoy is started, drained, stopped, started again, or given up.

It hears events and yields commands; `supervise` carries them out.

Source: App Mesh user guide, the agent for Envoy: SIGTERM and SIGQUIT drain the listeners gracefully, wait,
and stop, with a kill three seconds later (what is still being answered after the wait gets three seconds
more, which App Mesh's agent did not give it); an Envoy that exits is started again so many times, then the
agent exits with its code. The back-off is ours: an Envoy that cannot start should not spend its restarts at
once.
"""

import datetime
import enum
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, assert_never

FIRST_BACK_OFF: Final = datetime.timedelta(milliseconds=100)
LONGEST_BACK_OFF: Final = datetime.timedelta(seconds=5)
KILL_AFTER: Final = datetime.timedelta(seconds=3)
SETTLE_WITHIN: Final = datetime.timedelta(seconds=3)

GRACEFUL: Final = frozenset({signal.SIGTERM, signal.SIGQUIT})


@dataclass(frozen=True, slots=True)
class Exited:
    """Envoy ended, with this code; a negative one is the signal that ended it."""

    code: int


@dataclass(frozen=True, slots=True)
class Signalled:
    """The agent was sent a signal."""

    signal: signal.Signals


@dataclass(frozen=True, slots=True)
class Elapsed:
    """The wait that was last asked for is over."""


@dataclass(frozen=True, slots=True)
class Settled:
    """Nothing is being answered any more."""


Event = Exited | Signalled | Elapsed | Settled


@dataclass(frozen=True, slots=True)
class Start:
    """Start Envoy."""


@dataclass(frozen=True, slots=True)
class Drain:
    """Ask Envoy to fail its health checks, and then to drain its listeners gracefully."""


@dataclass(frozen=True, slots=True)
class Settle:
    """Let nothing new in, and say `Settled` when all that is in has been answered."""


@dataclass(frozen=True, slots=True)
class Send:
    """Send Envoy a signal."""

    signal: signal.Signals


@dataclass(frozen=True, slots=True)
class Wait:
    """Say `Elapsed` after this long; a new wait replaces the last."""

    time: datetime.timedelta


@dataclass(frozen=True, slots=True)
class Finish:
    """End the agent with this code."""

    code: int


Command = Start | Drain | Settle | Send | Wait | Finish


class _Phase(enum.Enum):
    """Where in its life Envoy is."""

    RUNNING = enum.auto()
    DOWN = enum.auto()
    DRAINING = enum.auto()
    SETTLING = enum.auto()
    STOPPING = enum.auto()


class Lifecycle:
    """Envoy's life, from its first start to the agent's end."""

    def __init__(self, *, restarts: int, drain_wait: datetime.timedelta) -> None:
        self._restarts_left = restarts
        self._drain_wait = drain_wait
        self._back_off = FIRST_BACK_OFF
        self._phase = _Phase.DOWN

    def begin(self) -> Iterator[Command]:
        """Start Envoy for the first time."""
        self._phase = _Phase.RUNNING
        yield Start()

    def handle(self, event: Event) -> Iterator[Command]:
        """Take one event; yield what must be done about it, in order."""
        match event:
            case Exited(code):
                yield from self._exited(code)
            case Elapsed():
                yield from self._elapsed()
            case Settled():
                yield from self._settled()
            case Signalled(number):
                yield from self._signalled(number)
            case _:
                assert_never(event)

    def _signalled(self, number: signal.Signals) -> Iterator[Command]:
        """Two signals ask for a slow end and one for a quick one; the others are Envoy's."""
        if number in GRACEFUL:
            yield from self._drain()
        elif number is signal.SIGINT:
            yield from self._stop()
        elif self._phase is not _Phase.DOWN:
            yield Send(number)

    def _exited(self, code: int) -> Iterator[Command]:
        """An exit that was asked for is the end; any other costs a restart."""
        if self._phase is not _Phase.RUNNING:
            yield Finish(0)
        elif self._restarts_left == 0:
            yield Finish(exit_code(code))
        else:
            self._restarts_left -= 1
            self._phase = _Phase.DOWN
            yield Wait(self._back_off)
            self._back_off = min(self._back_off * 2, LONGEST_BACK_OFF)

    def _elapsed(self) -> Iterator[Command]:
        """What was waited for is due."""
        match self._phase:
            case _Phase.DOWN:
                yield from self.begin()
            case _Phase.DRAINING:
                self._phase = _Phase.SETTLING
                yield Settle()
                yield Wait(SETTLE_WITHIN)
            case _Phase.SETTLING:
                yield from self._stop()
            case _Phase.STOPPING:
                yield Send(signal.SIGKILL)
            case _Phase.RUNNING:
                # A timer that fired while its wait was being replaced.
                return
            case _:
                assert_never(self._phase)

    def _settled(self) -> Iterator[Command]:
        """All is answered; too late where the stop has begun already."""
        if self._phase is _Phase.SETTLING:
            yield from self._stop()

    def _drain(self) -> Iterator[Command]:
        """Begin to end; asking twice does not shorten the wait."""
        if self._phase is _Phase.DOWN:
            yield Finish(0)
        elif self._phase is _Phase.RUNNING:
            self._phase = _Phase.DRAINING
            yield Drain()
            yield Wait(self._drain_wait)

    def _stop(self) -> Iterator[Command]:
        """End now; asking again kills."""
        if self._phase is _Phase.DOWN:
            yield Finish(0)
        elif self._phase is _Phase.STOPPING:
            yield Send(signal.SIGKILL)
        else:
            self._phase = _Phase.STOPPING
            yield Send(signal.SIGTERM)
            yield Wait(KILL_AFTER)


def exit_code(code: int) -> int:
    """A child's code as the agent's own; death by a signal is 128 and its number, as shells have it."""
    return 128 - code if code < 0 else code
