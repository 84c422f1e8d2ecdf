"""A load balancer in this process: passes connections to the backend of the day."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path


class Balancer:
    """Bytes in both directions; `backend` is where the next connection goes, or `spare` if it is closed."""

    def __init__(self, socket: Path, backend: Path) -> None:
        self.socket = socket
        self.backend = backend
        self.spare: Path | None = None
        self._serving: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass one connection on until either side ends it."""
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        try:
            with contextlib.suppress(asyncio.CancelledError):
                await self._pass(reader, writer)
            writer.close()
            # The end may come while it waits here.
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()
        finally:
            self._serving.discard(task)

    async def end(self) -> None:
        """End every connection."""
        for task in tuple(self._serving):
            task.cancel()
        while self._serving:
            await asyncio.sleep(0)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            beyond_reader, beyond_writer = await self._opened()
        except OSError:
            return
        ways = [
            asyncio.ensure_future(_pass_on(reader, beyond_writer)),
            asyncio.ensure_future(_pass_on(beyond_reader, writer)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            beyond_writer.close()

    async def _opened(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        try:
            return await asyncio.open_unix_connection(str(self.backend))
        except OSError:
            if self.spare is None:
                raise
            return await asyncio.open_unix_connection(str(self.spare))


async def _connected(backend: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection; whoever takes them may have a moment's backlog."""
    while True:
        with contextlib.suppress(BlockingIOError):
            return await asyncio.open_unix_connection(str(backend))
        await asyncio.sleep(0.01)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()


@contextlib.asynccontextmanager
async def running_balancer(directory: Path, backend: Path) -> AsyncIterator[Balancer]:
    """A balancer on a socket of its own."""
    balancer = Balancer(directory / "balancer.sock", backend)
    server = await asyncio.start_unix_server(balancer.serve, balancer.socket, backlog=2048)
    try:
        yield balancer
    finally:
        server.close()
        await balancer.end()
