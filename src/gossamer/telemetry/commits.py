"""When the newest changes became durable, for as long as somebody may still take them in."""

from collections import OrderedDict
from typing import Final

from gossamer.telemetry.cause import Cause

#: Far more than one batch of the log's reader; older ones are taken in already.
MOST: Final = 4096


class Commits:
    """Sequences that this process wrote, each with its moment. Lives on one event loop."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._at: OrderedDict[int, float] = OrderedDict()

    def note(self, sequence: int, at: float) -> None:
        """A change became durable; sequences only grow."""
        self._at[sequence] = at
        if len(self._at) > self._most:
            self._at.popitem(last=False)

    def cause(self, sequences: range, heard: float) -> Cause:
        """These changes as one cause; `heard` stands in for moments that only another process knows."""
        since = heard
        while self._at and next(iter(self._at)) < sequences.stop:
            sequence, at = self._at.popitem(last=False)
            if sequence >= sequences.start:
                since = min(since, at)
        return Cause(sequences.stop - 1, since)
