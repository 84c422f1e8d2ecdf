"""The client that drives the API: it times whole answers, and tells what failed."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from bench.api.load import Failed, load

REQUEST = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"


@pytest.fixture
async def serve() -> AsyncIterator[Callable[[bytes], "asyncio.Future[str]"]]:
    servers: list[asyncio.Server] = []

    async def start(answer: bytes) -> str:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while await reader.readline():
                await reader.readuntil(b"\r\n\r\n")
                writer.write(answer)
                if b"close" in answer:
                    break
            writer.close()

        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        servers.append(server)
        return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    yield start  # type: ignore[misc]  # a coroutine function, which every caller awaits
    for server in servers:
        server.close()


@pytest.mark.parametrize("kept", ["", "Connection: close\r\n"])
async def test_every_request_is_answered_on_connections_that_are_kept_or_not(
    serve: Callable[[bytes], "asyncio.Future[str]"], kept: str
) -> None:
    url = await serve(f"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n{kept}\r\n{{}}".encode())
    taken = await load(url, [REQUEST] * 20, connections=3)
    assert len(taken.latencies_ms) == 20
    assert taken.rate > 0


async def test_an_answer_that_is_no_success_ends_it(
    serve: Callable[[bytes], "asyncio.Future[str]"],
) -> None:
    url = await serve(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 3\r\n\r\nwhy")
    with pytest.raises(Failed, match="why"):
        await load(url, [REQUEST], connections=1)
