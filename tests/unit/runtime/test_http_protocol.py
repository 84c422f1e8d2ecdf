"""A connection on which a request does not arrive ends, and is told why."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from gossamer.runtime.api_port import http_config
from gossamer.runtime.http_protocol import HttpProtocol

HEAD = b"PUT / HTTP/1.1\r\nHost: a\r\n"


class Impatient(HttpProtocol):
    longest_arrival_s = 0.2


async def app(_: Scope, receive: Receive, send: Send) -> None:
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


@pytest.fixture
async def port() -> AsyncIterator[int]:
    config = uvicorn.Config(app, http=Impatient, lifespan="off", log_config=None, ws="none")
    server = uvicorn.Server(config)
    server.config.load()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        async with asyncio.TaskGroup() as tasks:
            serving = tasks.create_task(server._serve(sockets=[listening]))
            yield listening.getsockname()[1]
            server.should_exit = True
            await serving


async def answered(port: int, *parts: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for part in parts:
        writer.write(part)
    try:
        async with asyncio.timeout(90):
            return await reader.read()
    finally:
        writer.close()


async def test_a_head_that_does_not_end_is_told_so(port: int) -> None:
    answer = await answered(port, HEAD)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"did not arrive within 0.2 seconds" in answer


async def test_a_body_that_does_not_end_is_told_so(port: int) -> None:
    answer = await answered(port, HEAD + b"Content-Length: 10\r\n\r\n{")
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"x-amzn-errortype: BadRequestException" in answer


async def test_a_connection_on_which_nothing_is_asked_ends_without_a_word(port: int) -> None:
    assert await answered(port) == b""


async def test_a_request_that_arrived_may_be_followed_by_another_after_the_deadline(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for pause_s in (0.3, 0):
        writer.write(HEAD + b"Content-Length: 2\r\n\r\n{}")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
        await asyncio.sleep(pause_s)
    writer.close()


def test_an_idle_connection_is_kept_longer_than_load_balancers_keep_theirs() -> None:
    """Or a request would be on the way on a connection that is being closed; most wait for a minute."""
    assert http_config(app).timeout_keep_alive > 60
