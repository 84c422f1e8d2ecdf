"""WebSockets on http and http2 listeners, through sidecars and gateways, asked for in both versions."""

import json
from typing import Any

import pytest
from aiohttp import WSMsgType

from tests.support.calling import Client
from tests.support.http2 import Headers
from tests.support.stage import Stage
from tests.support.stage_mesh import GATE, mesh, to


async def by_upgrade(client: Client, host: str, port: int) -> dict[str, Any]:
    """Ask over HTTP/1.1, say a word, hear it; what the application saw."""
    reader, writer = await client.connect(host, port)
    writer.write(
        f"GET /chat HTTP/1.1\r\nhost: {host}\r\nconnection: Upgrade\r\nupgrade: websocket\r\n"
        "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
    )
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 101 "), head
    return await talked(reader, writer)


async def talked(reader: Any, writer: Any) -> dict[str, Any]:
    seen = await reader.readuntil(b"}")
    writer.write(b"hello")
    assert await reader.readexactly(5) == b"hello"
    writer.close()
    return dict(json.loads(seen[seen.index(b"{") :]))


async def by_extended_connect(client: Client, host: str, port: int) -> dict[str, Any]:
    """Ask over HTTP/2, say a word, hear it; what the application saw."""
    async with client.http2_connection(host, port) as connection:
        asked: Headers = [
            (":method", "CONNECT"),
            (":protocol", "websocket"),
            (":scheme", "http"),
            (":authority", host),
            (":path", "/chat"),
            ("sec-websocket-version", "13"),
        ]
        stream = await connection.request(asked, ends=False)
        answered = dict(await stream.headers())
        assert answered[":status"] == "200", answered
        seen = b""
        while not seen.endswith(b"}"):
            seen += await stream.chunk()
        await stream.send(b"hello")
        assert await stream.chunk() == b"hello"
        await stream.send(ends=True)
        return dict(json.loads(seen))


async def test_a_websocket_goes_through_http_listeners(stage: Stage) -> None:
    await stage.show(mesh())
    async with (
        stage.front.session() as session,
        session.ws_connect("http://orders.test/chat?x=1") as socket,
    ):
        seen = json.loads((await socket.receive()).data)
        assert (seen["who"], seen["path"], seen["protocol"]) == ("blue", "/chat?x=1", "WebSocket")
        for number in range(3):
            await socket.send_str(f"word {number}")
            echoed = await socket.receive()
            assert (echoed.type, echoed.data) == (WSMsgType.BINARY, f"word {number}".encode())


async def test_a_websocket_is_routed_as_any_request(stage: Stage) -> None:
    await stage.show(mesh(routes={"chat": to("green", prefix="/chat"), "rest": to("blue")}))
    async with stage.front.session() as session, session.ws_connect("http://orders.test/chat") as socket:
        assert json.loads((await socket.receive()).data)["who"] == "green"


@pytest.mark.parametrize("ask", [by_upgrade, by_extended_connect])
async def test_a_websocket_goes_through_http2_listeners(stage: Stage, ask: Any) -> None:
    await stage.show(mesh("http2"))
    seen = await ask(stage.front, "orders.test", 80)
    assert (seen["who"], seen["path"], seen["protocol"]) == ("blue", "/chat", "HTTP/2 CONNECT")


@pytest.mark.parametrize("ask", [by_upgrade, by_extended_connect])
async def test_a_websocket_goes_through_a_gateway_of_http2(stage: Stage, ask: Any) -> None:
    await stage.show(mesh("http2"))
    seen = await ask(stage.outside, "gate.test", GATE)
    assert (seen["who"], seen["protocol"]) == ("blue", "HTTP/2 CONNECT")


async def test_a_websocket_goes_through_a_gateway_of_http(stage: Stage) -> None:
    await stage.show(mesh())
    async with (
        stage.outside.session() as session,
        session.ws_connect(f"http://gate.test:{GATE}/chat") as socket,
    ):
        assert json.loads((await socket.receive()).data)["who"] == "blue"
        await socket.send_bytes(b"word")
        assert (await socket.receive()).data == b"word"


async def test_a_websocket_over_http2_reaches_an_application_of_http1(stage: Stage) -> None:
    await stage.show(mesh())
    async with stage.front.http2_connection("orders.test", 80) as connection:
        asked: Headers = [
            (":method", "CONNECT"),
            (":protocol", "websocket"),
            (":scheme", "http"),
            (":authority", "orders.test"),
            (":path", "/chat"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ]
        stream = await connection.request(asked, ends=False)
        assert dict(await stream.headers())[":status"] == "200"
        assert stage.apps["blue"].seen[-1].protocol == "WebSocket"
