"""Which change something follows from, and since when: what goes along from commit to ack."""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from gossamer.telemetry.trace import Span, follows


@dataclass(frozen=True, slots=True)
class Cause:
    """The last change of a batch. `since` is when the first of it was durable, as `time.monotonic` tells.

    `span` is what comes next is part of, if the call behind the change is traced.
    """

    sequence: int
    since: float
    span: Span | None = None

    def age(self) -> float:
        """Seconds since then."""
        return self.age_at(time.monotonic())

    def age_at(self, moment: float) -> float:
        """Seconds from then to a moment of `time.monotonic`."""
        return moment - self.since


@contextlib.contextmanager
def within(cause: Cause | None, name: str, about: str = "") -> Iterator[Cause | None]:
    """Do something because of a change, as a span of its own if it is traced; what follows is part of it."""
    span = follows(name, cause.span) if cause is not None else None
    if cause is None or span is None:
        yield cause
        return
    if about:
        span.tell({"gossamer.resource": about})
    try:
        yield replace(cause, span=span)
    finally:
        span.end()
