"""Sends requests over a few connections that are kept, one at a time on each, and times every answer.

Client libraries take longer for a request than the server; this takes some 20 µs.
"""

import asyncio
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

CONNECTIONS: Final = 16

_LENGTH: Final = b"content-length: "
_CLOSES: Final = b"connection: close"


class Failed(Exception):
    """An answer other than 200, or none."""


@dataclass(slots=True)
class Taken:
    """What a load came to. `busy` is for how much of the time this process computed."""

    latencies_ms: list[float] = field(default_factory=list)
    wall_s: float = 0.0
    busy: float = 0.0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies_ms) / self.wall_s


class _Client(asyncio.Protocol):
    """One connection at a time, on which the next request goes out when there is an answer.

    `ended` is done once there are no more requests, or something failed.
    """

    def __init__(self, address: tuple[str, int], waiting: deque[bytes], taken: Taken) -> None:
        self._address = address
        self._waiting = waiting
        self._taken = taken
        self._loop = asyncio.get_running_loop()
        self._received = b""
        self._sent_at = 0.0
        self._transport: asyncio.Transport | None = None
        self._opening: asyncio.Task[object] | None = None
        self.ended: asyncio.Future[None] = self._loop.create_future()

    def open(self) -> None:
        """Connect."""
        self._opening = self._loop.create_task(self._loop.create_connection(lambda: self, *self._address))
        self._opening.add_done_callback(self._opened)

    def _opened(self, opening: asyncio.Task[object]) -> None:
        if not opening.cancelled() and (error := opening.exception()) is not None:
            self._fail(f"no connection: {error}")

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as it is here
        """Begin, or go on."""
        self._transport = transport
        self._next()

    def connection_lost(self, _: Exception | None) -> None:
        """Go on with another connection, if the answer to every request was whole."""
        self._transport = None
        if self._sent_at:
            self._fail("the connection was lost")
        elif not self.ended.done():
            self.open()

    def data_received(self, data: bytes) -> None:
        """Take a whole answer."""
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        head = head.lower()
        _, _, length = head.partition(_LENGTH)
        if not end or len(body) < int(length.partition(b"\r")[0]):
            return
        self._taken.latencies_ms.append((time.perf_counter() - self._sent_at) * 1000)
        if not head.startswith(b"http/1.1 200"):
            self._fail(self._received.decode(errors="replace"))
        self._received, self._sent_at = b"", 0.0
        if _CLOSES in head and self._transport is not None:
            self._transport.close()
        else:
            self._next()

    def _next(self) -> None:
        if self._waiting and self._transport is not None and not self.ended.done():
            self._sent_at = time.perf_counter()
            self._transport.write(self._waiting.popleft())
            return
        if not self.ended.done():
            self.ended.set_result(None)
        if self._transport is not None:
            self._transport.close()

    def _fail(self, why: str) -> None:
        if not self.ended.done():
            self.ended.set_exception(Failed(why))


async def load(url: str, requests: Iterable[bytes], connections: int = CONNECTIONS) -> Taken:
    """Send them all.

    Raises: Failed at the first answer that is no success, or if there is no connection.
    """
    host, _, port = urlsplit(url).netloc.rpartition(":")
    waiting, taken = deque(requests), Taken()
    begun, computed = time.perf_counter(), time.process_time()
    clients = [_Client((host, int(port)), waiting, taken) for _ in range(connections)]
    for client in clients:
        client.open()
    await asyncio.gather(*(client.ended for client in clients))
    taken.wall_s = time.perf_counter() - begun
    taken.busy = (time.process_time() - computed) / taken.wall_s
    return taken
