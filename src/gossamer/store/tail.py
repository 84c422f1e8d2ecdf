"""The end of the log, and who waits for it to move."""

import asyncio


class Tail:
    """Knows the last sequence; wakes those who wait for a later one. Lives on one event loop."""

    def __init__(self, sequence: int) -> None:
        self.sequence = sequence
        self._moved = asyncio.Event()

    def move(self, sequence: int) -> None:
        """The log now ends here."""
        if sequence > self.sequence:
            self.sequence = sequence
            self._moved.set()
            # Each wait looks at the sequence itself; the next one needs a fresh event.
            self._moved = asyncio.Event()

    async def wait(self, after: int) -> None:
        """Return as soon as the log ends behind `after`."""
        while self.sequence <= after:
            await self._moved.wait()
