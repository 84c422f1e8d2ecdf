"""The end of the log, what this process added to it, and who waits for it to move."""

import asyncio
import contextlib
from collections import deque
from itertools import count, takewhile
from typing import Final

from gossamer.store.store import Change

#: How many changes are at hand without asking the database.
RECENT: Final = 1_000


class Tail:
    """Knows the last sequence; wakes those who wait for a later one. Lives on one event loop."""

    def __init__(self, sequence: int) -> None:
        self.sequence = sequence
        self._loop = asyncio.get_running_loop()
        self._moved = asyncio.Event()
        self._recent: deque[Change] = deque(maxlen=RECENT)

    def take(self, changes: tuple[Change, ...]) -> None:
        """This process added to the log."""
        self._recent.extend(changes)
        self.move(changes[-1].sequence)

    def since(self, after: int) -> tuple[Change, ...]:
        """What this process added right behind a sequence, up to where somebody else may have written.

        Nothing of what is told here is missing in between: sequences are in the order of commits, and a gap
        ends it.
        """
        later = list(takewhile(lambda one: one.sequence > after, reversed(self._recent)))
        later.reverse()
        return tuple(one for one, expected in zip(later, count(after + 1)) if one.sequence == expected)

    def move(self, sequence: int) -> None:
        """The log now ends here."""
        if sequence > self.sequence:
            self.sequence = sequence
            self._moved.set()
            # Each wait looks at the sequence itself; the next one needs a fresh event.
            self._moved = asyncio.Event()

    def moved_elsewhere(self, sequence: int) -> None:
        """The same, from another thread."""
        # A loop that was closed has nobody left who waits.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self.move, sequence)

    async def wait(self, after: int) -> None:
        """Return as soon as the log ends behind `after`."""
        while self.sequence <= after:
            await self._moved.wait()
