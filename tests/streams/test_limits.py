"""What one proxy may do to the others, and to the process: nothing."""

import asyncio

import grpc
import grpc.aio
import pytest

from gossamer.xds import server as xds_server
from gossamer.xds import stream as xds_stream
from gossamer.xds.outbox import MOST_WAITING
from gossamer.xds.turnstile import Turnstile
from tests.streams.conftest import NODE, Plane, Running
from tests.support.envoy import eventually
from tests.support.light_proxy import bare_stream, light_proxies, request


async def ended(call: grpc.aio.StreamStreamCall) -> tuple[str, str]:
    return (await call.code()).name, await call.details()


async def test_what_is_no_request_is_refused_as_that(running: Running) -> None:
    async with running() as plane, bare_stream(plane.address) as call:
        await call.write(b"\xff\xff this is no protobuf")
        code, why = await ended(call)
    assert (code, why) == (
        "INVALID_ARGUMENT",
        "a request is no envoy.service.discovery.v3.DeltaDiscoveryRequest",
    )


async def test_garbage_behind_a_good_request_ends_that_stream_and_no_other(running: Running) -> None:
    async with running() as plane, light_proxies(plane.address, NODE, 1) as (other,):
        async with bare_stream(plane.address) as call:
            await call.write(request(NODE))
            await call.read()
            await call.write(b"\xff")
            assert (await ended(call))[0] == "INVALID_ARGUMENT"
        plane.endpoints.publish("a", "b", "c")
        await eventually(lambda: holds(other.held, "c"), "the other goes on")
        assert other.ends == []


async def holds(held: dict[str, str], name: str) -> bool:
    return name in held


async def test_a_stream_that_asks_for_too_many_names_is_told_how_many_it_may(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xds_stream, "MOST_NAMES", 50)
    async with running() as plane, bare_stream(plane.address) as call:
        await call.write(request(NODE, *(f"n{number}" for number in range(51))))
        assert await ended(call) == (
            "RESOURCE_EXHAUSTED",
            "the stream asks for 51 names, and 50 are as many as it may",
        )
        assert await plane.is_empty()


async def test_whoever_says_nothing_at_first_does_not_stay(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xds_server, "FIRST_WORD_S", 0.1)
    async with running() as plane, bare_stream(plane.address) as call:
        assert await ended(call) == ("INVALID_ARGUMENT", "there was no request for 0 s")


async def test_a_proxy_that_does_not_read_holds_little_and_is_dropped(running: Running) -> None:
    async with running() as plane, light_proxies(plane.address, NODE, 1) as (other,):
        plane.endpoints.publish("a", "big", size=200_000)
        async with bare_stream(plane.address) as call:
            flooding = asyncio.ensure_future(flood(call))
            await eventually(lambda: is_blocked(plane), "its answers wait")
            # Each request asks for the big one again; those that are not read cost nothing here.
            assert max(len(one.waiting) for one in plane.server.queues()) <= MOST_WAITING + 1
            plane.endpoints.publish("a", "b", "big")
            await eventually(lambda: holds(other.held, "b"), "the other is served meanwhile")
            plane.server.slow_s = 0.2
            tending = asyncio.ensure_future(plane.server.tend())
            await eventually(lambda: has_proxies(plane, 1), "it is dropped")
            assert other.ends == []
            flooding.cancel()
            tending.cancel()


async def flood(call: grpc.aio.StreamStreamCall) -> None:
    """Ask for the same again and again, acknowledging what was never read."""
    await call.write(request(NODE, "big"))
    for nonce in range(1, 2_000):
        await call.write(request("", "big", nonce=str(nonce)))


async def is_blocked(plane: Plane) -> bool:
    return any(one.blocked_for() > 0.3 for one in plane.server.queues())


async def has_proxies(plane: Plane, count: int) -> bool:
    return len(list(plane.hub.statuses())) == count


async def test_streams_are_let_in_in_their_order_and_others_get_turns_in_between() -> None:
    turnstile, order = Turnstile(), list[object]()

    async def come(number: int) -> None:
        async with turnstile.passed():
            order.append(number)

    async def call_of_the_api() -> None:
        for _ in range(50):
            order.append("api")
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as tasks:
        for number in range(50):
            tasks.create_task(come(number))
        tasks.create_task(call_of_the_api())
    assert [one for one in order if one != "api"] == list(range(50))
    # Nobody waits for a whole storm: a call has had its second turn long before the last stream.
    second = [place for place, one in enumerate(order) if one == "api"][1]
    assert second < order.index(10)
