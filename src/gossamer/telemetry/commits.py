"""When the newest changes became durable, for as long as somebody may still take them in."""

from collections import OrderedDict
from typing import Final

from gossamer.telemetry.cause import Cause
from gossamer.telemetry.trace import Span, follows

#: Far more than one batch of the log's reader; older ones are taken in already.
MOST: Final = 4096


class Commits:
    """Sequences that this process wrote, each with its moment. Lives on one event loop."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._at: OrderedDict[int, tuple[float, Span | None]] = OrderedDict()

    def note(self, sequence: int, at: float, call: Span | None = None) -> None:
        """A change that a call made became durable; sequences only grow."""
        self._at[sequence] = (at, call)
        if len(self._at) > self._most:
            self._at.popitem(last=False)

    def cause(self, sequences: range, heard: float) -> Cause:
        """These changes as one cause; `heard` stands in for moments that only another process knows."""
        since, calls = heard, list[Span]()
        while self._at and next(iter(self._at)) < sequences.stop:
            sequence, (at, call) = self._at.popitem(last=False)
            if sequence >= sequences.start:
                since = min(since, at)
                if call is not None:
                    calls.append(call)
        return Cause(sequences.stop - 1, since, _followed(calls, since))


def _followed(calls: list[Span], since: float) -> Span | None:
    """The span of reading the log, from the commit on: part of the first call, linked to the others."""
    span = follows("follow log", calls[0], since=since, links=calls[1:]) if calls else None
    if span is not None:
        span.tell({"gossamer.calls": len(calls)})
        span.end()
    return span
