"""What waits to be written to one proxy: bounded, and newest wins.

The session has one answer of a type in flight, and something newer that is published is taken when the
writer comes round to it, so what is published does not queue. What a proxy asks for does: while it does not
read, its requests are not read either.
"""

import asyncio
import time
from typing import Final

from gossamer.xds.protocol import Published

#: How many answers may wait before no more requests are read: two rounds of every type.
MOST_WAITING: Final = 10


class Outbox:
    """Answers in order, and who waits for them."""

    __slots__ = ("_room", "blocked_since", "taken", "waiting", "wake")

    def __init__(self) -> None:
        self.wake = asyncio.Event()
        #: A list: it is empty at almost every proxy, where a deque would hold room for 64.
        self.waiting: list[bytes] = []
        self.taken: Published | None = None
        self.blocked_since: float | None = None
        #: Told once there is room; None while there is.
        self._room: asyncio.Event | None = None

    def put(self, answers: list[bytes]) -> None:
        """Queue answers and wake the writer."""
        if answers:
            self.waiting.extend(answers)
            self.wake.set()
            if len(self.waiting) > MOST_WAITING and self._room is None:
                self._room = asyncio.Event()

    def next(self) -> bytes:
        """Take an answer to write it; it counts as blocked until `written`."""
        self.blocked_since = time.monotonic()
        return self.waiting.pop(0)

    def written(self) -> None:
        """The proxy's connection took it."""
        self.blocked_since = None
        if len(self.waiting) <= MOST_WAITING and self._room is not None:
            self._room.set()
            self._room = None

    async def room(self) -> None:
        """Return once more answers may wait."""
        if self._room is not None:
            await self._room.wait()

    def blocked_for(self) -> float:
        """How long the proxy has not read, in seconds."""
        return 0.0 if self.blocked_since is None else time.monotonic() - self.blocked_since
