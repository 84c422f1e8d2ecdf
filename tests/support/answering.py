"""Applications of a test's stage: they say who they are and what they saw, in every protocol.

One application a machine. A test may put its own answer in place of the usual one: `app.reply`.
"""

import asyncio
import contextlib
import io
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import grpc
from aiohttp import web

from tests.support.http2 import HEADER_BYTES, Http2Connection, Stream

#: More than ever connect at once: an application that is slow to accept must not look like one that is away.
BACKLOG = 2048

#: Where each protocol is spoken on every machine; `HTTP_AGAIN` is a second port of the same.
HTTP: Final = 8080
HTTP2: Final = 8081
GRPC: Final = 8082
TCP: Final = 8083
SPEAKS_FIRST: Final = 8084
HTTP_AGAIN: Final = 8085
PORTS: Final = {"http": HTTP, "http2": HTTP2, "grpc": GRPC, "tcp": TCP}


@dataclass(frozen=True)
class Seen:
    """One request as an application saw it; of a TCP connection only `body`, its first bytes."""

    who: str
    port: int
    protocol: str
    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def as_json(self) -> bytes:
        said = {name: value for name, value in vars(self).items() if name != "body"}
        return json.dumps({**said, "length": len(self.body)}).encode()


@dataclass(frozen=True)
class Reply:
    """What to answer; without a body it tells what was seen."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    #: How a gRPC answer ends; `status` is for the others.
    grpc_status: Any = grpc.StatusCode.OK
    #: Break the connection, or over HTTP/2 the stream, instead of answering.
    is_reset: bool = False
    #: Over HTTP/2: cut the stream and say that the request was not looked at.
    is_refused: bool = False


async def usual(_: Seen) -> Reply:
    """Say who answers and what was seen."""
    return Reply()


@dataclass
class App:
    """All that answers on one machine, and what it has seen, in order."""

    who: str
    seen: list[Seen] = field(default_factory=list)
    reply: Callable[[Seen], Awaitable[Reply]] = usual

    def forget(self) -> None:
        """Be as new."""
        self.seen.clear()
        self.reply = usual

    async def answer(self, seen: Seen) -> tuple[Reply, bytes]:
        """The answer to one request, and its body."""
        self.seen.append(seen)
        reply = await self.reply(seen)
        return reply, seen.as_json() if reply.body is None else reply.body


@contextlib.asynccontextmanager
async def answering(
    app: App, listen: Callable[[str, int], socket.socket], directory: Path
) -> AsyncIterator[None]:
    """The application on all its ports, of both families."""
    async with contextlib.AsyncExitStack() as stack:
        for host in ("0.0.0.0", "::"):  # noqa: S104 - of the machine's own network
            for port in (HTTP, HTTP_AGAIN):
                await stack.enter_async_context(_http(app, listen(host, port)))
            for port, talk in ((HTTP2, _http2), (TCP, echo), (SPEAKS_FIRST, greet)):
                await stack.enter_async_context(serving(listen(host, port), app, talk))
            await stack.enter_async_context(
                _grpc(app, listen(host, GRPC), directory / f"{app.who}{len(host)}")
            )
        yield


@contextlib.asynccontextmanager
async def serving(
    where: socket.socket,
    app: App,
    talk: Callable[[App, int, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[None]:
    """A server of plain connections; whoever is still connected at the end is cut off."""
    port, open_now = where.getsockname()[1], set()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        this = asyncio.current_task()
        open_now.add(this)
        try:
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await talk(app, port, reader, writer)
        finally:
            open_now.discard(this)
            writer.close()

    server = await asyncio.start_server(take, sock=where, backlog=BACKLOG)
    try:
        yield
    finally:
        server.close()
        for task in list(open_now):
            if task is not None:
                task.cancel()
        await asyncio.sleep(0)


async def echo(app: App, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say who answers, and repeat what is said."""
    while some := await reader.read(65536):
        reply, _ = await app.answer(Seen(app.who, port, "TCP", "", "", (), some))
        if reply.is_reset:
            writer.transport.abort()
            return
        writer.write(reply.body if reply.body is not None else f"{app.who}: ".encode() + some)
        await writer.drain()


async def greet(app: App, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say who answers before anything is asked, as mail and database servers do."""
    writer.write(f"{app.who} greets\n".encode())
    await echo(app, port, reader, writer)


@contextlib.asynccontextmanager
async def _http(app: App, where: socket.socket) -> AsyncIterator[None]:
    port = where.getsockname()[1]

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        headers = tuple((name.lower(), value) for name, value in request.headers.items())
        if request.headers.get("upgrade", "").lower() == "websocket":
            seen = Seen(app.who, port, "WebSocket", request.method, request.raw_path, headers, b"")
            app.seen.append(seen)
            return await _echo_messages(request, seen)
        seen = Seen(
            app.who, port, "HTTP/1.1", request.method, request.raw_path, headers, await request.content.read()
        )
        reply, body = await app.answer(seen)
        if reply.is_reset and request.transport is not None:
            request.transport.abort()
        return web.Response(status=reply.status, body=io.BytesIO(body), headers=_several(reply.headers))

    server = web.Server(answer, max_line_size=HEADER_BYTES, max_field_size=HEADER_BYTES)
    runner = web.ServerRunner(server, shutdown_timeout=0)
    await runner.setup()
    await web.SockSite(runner, where, backlog=BACKLOG).start()
    try:
        yield
    finally:
        await runner.cleanup()


async def _echo_messages(request: web.BaseRequest, seen: Seen) -> web.WebSocketResponse:
    socket_ = web.WebSocketResponse()
    await socket_.prepare(request)
    await socket_.send_bytes(seen.as_json())
    async for message in socket_:
        await socket_.send_bytes(message.data if isinstance(message.data, bytes) else message.data.encode())
    return socket_


def _several(headers: tuple[tuple[str, str], ...]) -> Any:
    return list(headers) or None


async def _http2(app: App, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    async def answer(stream: Stream) -> None:
        with contextlib.suppress(ConnectionError):
            await _http2_answer(app, port, stream)

    connection = Http2Connection(reader, writer, answer)
    try:
        await connection.start()
        await connection.closed()
    finally:
        await connection.close()


async def _http2_answer(app: App, port: int, stream: Stream) -> None:
    headers = await stream.headers()
    named = dict(headers)
    method, path = named[":method"], named.get(":path", "")
    if named.get(":protocol") == "websocket":
        seen = Seen(app.who, port, "HTTP/2 CONNECT", method, path, tuple(headers), b"")
        app.seen.append(seen)
        await stream.say([(":status", "200")], ends=False)
        await stream.send(seen.as_json())
        while some := await stream.chunk():
            await stream.send(some)
        await stream.send(ends=True)
        return
    reply, body = await app.answer(
        Seen(app.who, port, "HTTP/2", method, path, tuple(headers), await stream.body())
    )
    if reply.is_reset or reply.is_refused:
        await stream.reset(is_refused=reply.is_refused)
        return
    await stream.say([(":status", str(reply.status)), *reply.headers], ends=False)
    await stream.send(body, ends=True)


class _AnyMethod(grpc.GenericRpcHandler):  # type: ignore[misc] # grpcio has no types
    """Answers every method, message by message."""

    def __init__(self, app: App) -> None:
        self._app = app

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        path = handler_call_details.method
        metadata = tuple(handler_call_details.invocation_metadata)

        async def answer(requests: AsyncIterator[bytes], context: Any) -> AsyncIterator[bytes]:
            async for message in requests:
                seen = Seen(self._app.who, GRPC, "gRPC", "POST", path, metadata, message)
                reply, body = await self._app.answer(seen)
                if reply.grpc_status is not grpc.StatusCode.OK:
                    await context.abort(reply.grpc_status, "as the test asked")
                yield body

        return grpc.stream_stream_rpc_method_handler(answer)


@contextlib.asynccontextmanager
async def _grpc(app: App, where: socket.socket, path: Path) -> AsyncIterator[None]:
    """A server of the gRPC library, which takes no sockets of ours: it listens in a file, and we relay."""
    server = grpc.aio.server(handlers=[_AnyMethod(app)], options=[("grpc.max_metadata_size", HEADER_BYTES)])
    server.add_insecure_port(f"unix:{path}")
    await server.start()

    async def talk(_: App, __: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await relay(reader, writer, *await asyncio.open_unix_connection(str(path)))

    async with serving(where, app, talk):
        yield
    await server.stop(0)


async def relay(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    other_reader: asyncio.StreamReader,
    other_writer: asyncio.StreamWriter,
) -> None:
    """Pass bytes between two connections until one of them ends."""
    ways = [
        asyncio.ensure_future(_pass_on(reader, other_writer)),
        asyncio.ensure_future(_pass_on(other_reader, writer)),
    ]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        for one in (writer, other_writer):
            one.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while some := await reader.read(65536):
            writer.write(some)
            await writer.drain()
