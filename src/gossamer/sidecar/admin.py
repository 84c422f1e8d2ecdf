"""Envoy's admin interface, fronted: everything passes through as it is, except `/server_info`.

Envoy's own listens on a socket in a private directory. Each connection carries one request and is relayed
byte by byte, so that methods, queries and endless bodies need no rule here. It is written on bare streams: a
web framework would cost every sidecar twenty megabytes.

Source: App Mesh user guide, `ENVOY_ADMIN_ACCESS_PORT`; Envoy operations guide, the administration interface.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final

from gossamer.sidecar import http1, server_info
from gossamer.sidecar.admin_settings import AdminSettings
from gossamer.sidecar.http_client import OK, Streams, Unanswered, request_socket
from gossamer.sidecar.listening import listening

#: Closes the way in; what the application still asks of others passes to the end.
DRAIN_INBOUND: Final = "/drain_listeners?inboundonly"

#: Longer than any client of ours needs for the head of a request.
_PATIENCE_S: Final = 30.0
_CHUNK: Final = 65536
_DOWN: Final = (b"503 Service Unavailable", b"Envoy is not running.")


@contextlib.asynccontextmanager
async def fronted(socket: str, settings: AdminSettings) -> AsyncIterator[int]:
    """Serve the front of Envoy's own `socket`, and say on which port.

    Raises: Misconfigured where it cannot listen.
    """
    where = (settings.addresses, settings.port, settings.socket)
    async with listening(_Front(socket).serve, *where, "The admin interface") as port:
        yield port


async def post(socket: str, target: str, *, within_s: float) -> None:
    """Send Envoy an order.

    Raises: Unanswered when Envoy does not take it in time.
    """
    answer = await request_socket(socket, target, "POST", within_s=within_s)
    if answer.status != OK:
        raise Unanswered(f"{target}: {answer.status} {answer.body.decode(errors='replace').strip()}")


async def get(socket: str, target: str, *, within_s: float) -> bytes:
    """What Envoy answers, whatever its status: `/ready` says with 503 how far it is.

    Raises: Unanswered.
    """
    return (await request_socket(socket, target, within_s=within_s)).body


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
            await _refuse(writer, *_DOWN)


async def _exchange(request: http1.Head, client: Streams, envoy: Streams) -> None:
    """Relay the request and its answer, both at once: an answer may come before the request has ended."""
    envoy[1].write(http1.last_on_connection(request).encoded)
    async with asyncio.TaskGroup() as group:
        asking = group.create_task(_relay(client[0], envoy[1]), name="admin_request")
        if http1.asks_for(request, server_info.PATH.encode()):
            is_answered = await _relay_server_info(envoy[0], client[1])
        else:
            is_answered = await _relay(envoy[0], client[1])
        asking.cancel()
    if not is_answered:
        await _refuse(client[1], *_DOWN)


async def _relay(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> bool:
    """Copy until the source ends or either side goes away; whether there was anything."""
    has_begun = False
    with contextlib.suppress(ConnectionError):
        while data := await source.read(_CHUNK):
            has_begun = True
            sink.write(data)
            await sink.drain()
    return has_begun


async def _relay_server_info(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> bool:
    """Relay the one answer that needs a change, which is read whole for it; whether there was one."""
    try:
        answer = http1.head(await source.readuntil(http1.END_OF_HEAD))
        body = await source.read(-1)
    except (ConnectionError, asyncio.IncompleteReadError):
        return False
    body = http1.dechunked(body) if answer.is_chunked else body
    sink.write(http1.whole(answer, server_info.with_old_state(body)))
    await sink.drain()
    return True


async def _refuse(writer: asyncio.StreamWriter, status: bytes, why: bytes) -> None:
    """Answer in Envoy's place."""
    fields = (b"content-type: text/plain; charset=UTF-8", b"connection: close")
    writer.write(http1.whole(http1.Head(b"HTTP/1.1 " + status, fields), why + b"\n"))
    await writer.drain()


@contextlib.asynccontextmanager
async def _connected(socket: str) -> AsyncIterator[Streams]:
    """A connection to Envoy's own admin interface."""
    reader, writer = await asyncio.open_unix_connection(socket)
    try:
        yield reader, writer
    finally:
        writer.close()
