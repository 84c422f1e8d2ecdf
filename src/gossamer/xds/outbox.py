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


class Bell:
    """Wakes the one who waits for it. `has_rung` stays true until they say that they have heard it."""

    __slots__ = ("_loop", "_waiter", "has_rung")

    def __init__(self) -> None:
        self.has_rung = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiter: asyncio.Future[None] | None = None

    def ring(self) -> None:
        """There is something to do."""
        self.has_rung = True
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    def next_ring(self) -> asyncio.Future[None]:
        """Done when it rings next."""
        # To ask for the loop is a system call, and streams wait all the time.
        self._loop = self._loop or asyncio.get_running_loop()
        self._waiter = self._loop.create_future()
        return self._waiter


class Outbox:
    """Answers in order, and who waits for them."""

    __slots__ = ("_room", "bell", "blocked_since", "taken", "waiting")

    def __init__(self) -> None:
        #: Wakes the writer.
        self.bell = Bell()
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
            self.bell.ring()
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

    def is_full(self) -> bool:
        """Whether no more requests are to be read."""
        return self._room is not None

    async def room(self) -> None:
        """Return once more answers may wait."""
        if self._room is not None:
            await self._room.wait()

    def blocked_for(self) -> float:
        """How long the proxy has not read, in seconds."""
        return 0.0 if self.blocked_since is None else time.monotonic() - self.blocked_since
