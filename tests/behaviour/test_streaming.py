"""Streams: what one side says is heard before it says more; nothing is held back until the end."""

from collections.abc import AsyncIterator

import pytest

from tests.support.answering import App
from tests.support.calling import Client
from tests.support.stage import Stage
from tests.support.stage_mesh import GATE, mesh


def way(stage: Stage, through: str) -> tuple[Client, str, int]:
    """Who calls whom: through two sidecars, or from outside through a gateway and a sidecar."""
    return (stage.front, "orders.test", 80) if through == "sidecars" else (stage.outside, "gate.test", GATE)


@pytest.mark.parametrize("through", ["sidecars", "gateway"])
async def test_a_call_in_both_directions_is_heard_message_by_message(stage: Stage, through: str) -> None:
    await stage.show(mesh("grpc"))
    client, host, port = way(stage, through)
    async with client.channel(host, port) as channel:
        call = channel.stream_stream("/shop.Orders/Watch")()
        for number in range(5):
            await call.write(b"%d" % number)
            await call.read()
            # Heard and answered, while the call goes on.
            assert [one.body for one in app(stage).seen] == [b"%d" % n for n in range(number + 1)]
        await call.done_writing()
        assert (await call.code()).name == "OK"


@pytest.mark.parametrize("through", ["sidecars", "gateway"])
async def test_a_client_that_streams_is_heard_while_it_streams(stage: Stage, through: str) -> None:
    await stage.show(mesh("grpc"))
    client, host, port = way(stage, through)
    told: list[int] = []

    async def messages() -> AsyncIterator[bytes]:
        for number in range(3):
            told.append(len(app(stage).seen))
            yield b"%d" % number
            while len(app(stage).seen) <= number:
                await stage.front.http("http://orders.test/", "OPTIONS")

    async with client.channel(host, port) as channel:
        answers = [one async for one in channel.stream_stream("/shop.Orders/Add")(messages())]
    assert (told, len(answers)) == ([0, 1, 2], 3)


async def test_a_body_is_passed_on_while_it_is_sent(stage: Stage) -> None:
    await stage.show(mesh("http2"))
    async with stage.front.http2_connection("orders.test", 80) as connection:
        asked = [(":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "http")]
        asked += [(":authority", "orders.test"), (":path", "/"), ("sec-websocket-version", "13")]
        stream = await connection.request(asked, ends=False)
        await stream.headers()
        while not (await stream.chunk()).endswith(b"}"):
            pass
        for word in (b"one", b"two"):
            await stream.send(word)
            assert await stream.chunk() == word


def app(stage: Stage) -> App:
    return stage.apps["blue"]
