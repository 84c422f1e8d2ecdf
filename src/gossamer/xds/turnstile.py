"""Lets streams in one after another, in the order in which they came.

Taking one in may compile its endpoint, and thousands may come at once. Between two of them the event loop
goes round, so calls of the API and the acks of proxies that are in are answered meanwhile.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from gossamer.telemetry import metrics


class Turnstile:
    """One at a time. Belongs to one event loop."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    @contextlib.asynccontextmanager
    async def passed(self) -> AsyncIterator[None]:
        """Wait for one's turn, and hold it."""
        with metrics.STREAMS_WAITING.track_inprogress():
            await self._turn.acquire()
        try:
            yield
        finally:
            # Not before the event loop has gone round: all who are there now could pass in this very round.
            asyncio.get_running_loop().call_soon(self._turn.release)
