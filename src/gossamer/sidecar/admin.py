"""Envoy's admin interface, fronted: everything passes through as it is, except `/server_info`.

Envoy's own listens on a socket in a private directory. Each connection carries one request and is relayed
byte by byte, so that methods, queries and endless bodies need no rule here. It is written on bare streams: a
web framework would cost every sidecar twenty megabytes.

Source: App Mesh user guide, `ENVOY_ADMIN_ACCESS_PORT`; Envoy operations guide, the administration interface.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Final

from gossamer.sidecar import http1, server_info
from gossamer.sidecar.variable import Misconfigured

#: Longer than any client of ours needs for the head of a request.
_PATIENCE_S: Final = 30.0
_CHUNK: Final = 65536

_Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Unanswered(Exception):
    """Envoy's admin interface did not answer."""


@contextlib.asynccontextmanager
async def fronted(socket: str, addresses: Sequence[str], port: int) -> AsyncIterator[int]:
    """Serve the front on every address, all on one port, and say which; port 0 takes a free one.

    Raises: Misconfigured where it cannot listen.
    """
    front = _Front(socket)
    with contextlib.ExitStack() as stack:
        for address in addresses:
            try:
                server = await asyncio.start_server(front.serve, address, port)
            except OSError as error:
                where = f"{address}, port {port}"
                raise Misconfigured(
                    f"The admin interface cannot listen on {where}: {error.strerror}."
                ) from error
            stack.callback(server.close)
            port = server.sockets[0].getsockname()[1]
        yield port


async def post(socket: str, target: str, *, within_s: float) -> None:
    """Send Envoy an order.

    Raises: Unanswered when Envoy does not take it in time.
    """
    request = f"POST {target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    try:
        async with asyncio.timeout(within_s), _connected(socket) as (reader, writer):
            writer.write(request.encode())
            answer = await reader.readline()
    except TimeoutError as error:
        raise Unanswered(f"{target}: no answer in {within_s:g} s") from error
    except OSError as error:
        raise Unanswered(f"{target}: {error}") from error
    if b" 200 " not in answer:
        raise Unanswered(f"{target}: {answer.decode(errors='replace').strip() or 'connection closed'}")


class _Front:
    """Answers the clients of one Envoy."""

    def __init__(self, socket: str) -> None:
        self._socket = socket

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one client's one request; what goes wrong on its connection ends with it."""
        with contextlib.suppress(ConnectionError, TimeoutError, asyncio.IncompleteReadError):
            await self._answer(reader, writer)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read the head, find Envoy, and relay; without Envoy, say so."""
        async with asyncio.timeout(_PATIENCE_S):
            try:
                request = http1.head(await reader.readuntil(http1.END_OF_HEAD))
            except asyncio.LimitOverrunError:
                await _refuse(
                    writer, b"431 Request Header Fields Too Large", b"The request's head is too long."
                )
                return
        try:
            async with _connected(self._socket) as envoy:
                await _exchange(request, (reader, writer), envoy)
        except (FileNotFoundError, ConnectionRefusedError, PermissionError):
            await _refuse(writer, b"503 Service Unavailable", b"Envoy is not running.")


async def _exchange(request: http1.Head, client: _Streams, envoy: _Streams) -> None:
    """Relay the request and its answer, both at once: an answer may come before the request has ended."""
    envoy[1].write(http1.last_on_connection(request).encoded)
    async with asyncio.TaskGroup() as group:
        asking = group.create_task(_relay(client[0], envoy[1]), name="admin_request")
        if http1.asks_for(request, server_info.PATH.encode()):
            await _relay_server_info(envoy[0], client[1])
        else:
            await _relay(envoy[0], client[1])
        asking.cancel()


async def _relay(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """Copy until the source ends or either side goes away."""
    with contextlib.suppress(ConnectionError):
        while data := await source.read(_CHUNK):
            sink.write(data)
            await sink.drain()


async def _relay_server_info(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """Relay the one answer that needs a change, which is read whole for it."""
    with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
        answer = http1.head(await source.readuntil(http1.END_OF_HEAD))
        body = await source.read(-1)
        body = http1.dechunked(body) if answer.is_chunked else body
        sink.write(http1.whole(answer, server_info.with_old_state(body)))
        await sink.drain()


async def _refuse(writer: asyncio.StreamWriter, status: bytes, why: bytes) -> None:
    """Answer in Envoy's place."""
    fields = (b"content-type: text/plain; charset=UTF-8", b"connection: close")
    writer.write(http1.whole(http1.Head(b"HTTP/1.1 " + status, fields), why + b"\n"))
    await writer.drain()


@contextlib.asynccontextmanager
async def _connected(socket: str) -> AsyncIterator[_Streams]:
    """A connection to Envoy's own admin interface."""
    reader, writer = await asyncio.open_unix_connection(socket)
    try:
        yield reader, writer
    finally:
        writer.close()
