"""Spans of one trace from an API call to each proxy's ack; nothing at all unless somebody collects them.

What follows from a call happens later, in other tasks and on other threads, so a span is handed along by
hand: from the call to its write, with the write's sequence to the log's reader, and from there with what is
published to each stream. How many follow from one span is bounded, and so is what waits to be exported.
Source: OpenTelemetry specification, environment variables, sampling, batching; W3C Trace Context.
"""

import time
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from enum import Enum
from typing import Final, Protocol

Value = str | int | float | bool

#: How many spans may follow from one: of the proxies that a change reaches, the first so many are shown.
MOST_CHILDREN: Final = 32

#: How many calls a batch of changes is linked to.
MOST_LINKS: Final = 32


class Kind(Enum):
    """On which side of a boundary a span is; the names are OpenTelemetry's."""

    INTERNAL = "INTERNAL"
    SERVER = "SERVER"
    PRODUCER = "PRODUCER"


class Recorded(Protocol):
    """What a library keeps of a span."""

    def tell(self, attributes: Mapping[str, Value]) -> None:
        """Add facts."""
        ...

    def rename(self, name: str) -> None:
        """Call it something else."""
        ...

    def end(self, at_ns: int | None, error: str) -> None:
        """It is over; an error is a sentence."""
        ...

    def trace_id(self) -> str:
        """In hexadecimal, as collectors show it."""
        ...


@dataclass(eq=False, slots=True)
class Span:
    """Something that takes time. One that was ended may still have children."""

    recorded: Recorded
    children: int = 0

    def tell(self, attributes: Mapping[str, Value]) -> None:
        """Add facts."""
        self.recorded.tell(attributes)

    def rename(self, name: str) -> None:
        """Call it something else, once that is known."""
        self.recorded.rename(name)

    def end(self, *, at: float | None = None, error: str = "") -> None:
        """It is over, now or at a moment of `time.monotonic`."""
        self.recorded.end(None if at is None else _wall_ns(at), error)

    @property
    def trace_id(self) -> str:
        """In hexadecimal, as collectors show it."""
        return self.recorded.trace_id()


@dataclass(frozen=True, slots=True)
class Start:
    """How a span begins; `caller` are the headers of whoever asked, with W3C's among them."""

    name: str
    parent: Span | None = None
    links: Sequence[Span] = ()
    kind: Kind = Kind.INTERNAL
    since_ns: int | None = None
    caller: Mapping[str, str] | None = None


class Library(Protocol):
    """What makes spans; there is one only where traces are collected."""

    def started(self, start: Start) -> Recorded | None:
        """A new span; None if the trace is not sampled."""
        ...

    def shut_down(self) -> None:
        """Send what waits, and end."""
        ...


class _Tracing:
    """The process's library, once it is set up."""

    library: Library | None = None


_TRACING: Final = _Tracing()

#: The call that is answered in this task.
_CALL: Final[ContextVar[Span | None]] = ContextVar("call", default=None)


def use(library: Library | None) -> None:
    """Make spans with this library from now on; without one, make none."""
    _TRACING.library = library


def shut_down() -> None:
    """Send what waits, and make no more."""
    library, _TRACING.library = _TRACING.library, None
    if library is not None:
        library.shut_down()


def is_on() -> bool:
    """Whether anybody collects spans."""
    return _TRACING.library is not None


def called(name: str, headers: Mapping[str, str]) -> Span | None:
    """The span of a call that came in, part of its caller's trace if it says so; None if nobody looks."""
    return _started(Start(name, kind=Kind.SERVER, caller=headers))


def during(span: Span | None) -> None:
    """What this task does from now on is done for a call."""
    if _TRACING.library is not None:
        _CALL.set(span)


def call() -> Span | None:
    """The call that this task answers, if it is traced."""
    return _CALL.get() if _TRACING.library is not None else None


def follows(
    name: str,
    parent: Span | None,
    *,
    since: float | None = None,
    links: Sequence[Span] = (),
    kind: Kind = Kind.INTERNAL,
) -> Span | None:
    """A span under another; None if that is not traced, or has as many as it may."""
    if parent is None or parent.children >= MOST_CHILDREN:
        return None
    since_ns = None if since is None else _wall_ns(since)
    made = _started(Start(name, parent, links[:MOST_LINKS], kind, since_ns))
    if made is not None:
        parent.children += 1
    return made


def _started(start: Start) -> Span | None:
    library = _TRACING.library
    recorded = library.started(start) if library is not None else None
    return Span(recorded) if recorded is not None else None


def _wall_ns(moment: float) -> int:
    """A moment of `time.monotonic` as nanoseconds since 1970."""
    return time.time_ns() - round((time.monotonic() - moment) * 1e9)
