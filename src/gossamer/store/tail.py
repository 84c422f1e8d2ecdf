"""The end of the log, and who waits for it to move."""

import asyncio
import contextlib


class Tail:
    """Knows the last sequence; wakes those who wait for a later one. Lives on one event loop."""

    def __init__(self, sequence: int) -> None:
        self.sequence = sequence
        self._loop = asyncio.get_running_loop()
        self._moved = asyncio.Event()

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
