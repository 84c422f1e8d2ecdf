"""How streams end in order: at their age, and when the process does."""

import asyncio
from typing import Any

import grpc.aio
from envoy.service.discovery.v3.discovery_pb2 import DeltaDiscoveryResponse

from gossamer.xds.door import Door
from tests.streams.conftest import NODE, Plane, Running
from tests.support.envoy import eventually
from tests.support.light_proxy import LightProxy, bare_stream, end_of, light_proxies, request


async def all_have(proxies: list[LightProxy], streams: int) -> bool:
    return all(one.streams >= streams and one.held for one in proxies)


async def test_a_stream_ends_at_its_age_and_its_proxy_is_sent_nothing_again(running: Running) -> None:
    door = Door(max_age_s=1.5)
    async with running(door=door) as plane, light_proxies(plane.address, NODE, 20) as proxies:
        tending = asyncio.ensure_future(plane.server.tend())
        await eventually(lambda: all_have(proxies, 2), "each has had two streams")
        assert {end for one in proxies for end in one.ends} == {"OK"}
        assert [one.got for one in proxies] == [0] * 20
        tending.cancel()


async def test_ages_differ_so_that_not_all_streams_end_at_once() -> None:
    door = Door(max_age_s=1000)
    ages = {round(until) for _ in range(50) if (until := door.stays_until()) is not None}
    assert len(ages) > 10


async def test_without_an_age_a_stream_stays() -> None:
    assert Door().stays_until() is None
    assert not any("connection_age" in name for name, _ in Door().options())


async def test_streams_are_handed_over_one_after_another_and_nothing_is_sent_again(running: Running) -> None:
    async with (
        running("one") as one,
        running("other", endpoints=one.endpoints) as other,
        light_proxies(one.address, NODE, 60) as proxies,
    ):
        await eventually(lambda: all_have(proxies, 1), "all are served")
        for proxy in proxies:
            proxy.spare = other.address
        handing = asyncio.ensure_future(one.server.hand_over(0.6))
        here = []
        while not handing.done():
            here.append(len(list(one.hub.statuses())))
            await asyncio.sleep(0.01)
        await handing
        # Not all at once: a good part of the way down was seen.
        assert len(set(here)) > 5
        await eventually(lambda: serves(other, 60), "all are served by the other")
        assert {end for proxy in proxies for end in proxy.ends} == {"OK"}
        assert [proxy.got for proxy in proxies] == [0] * 60


async def serves(plane: Plane, count: int) -> bool:
    return len([one for one in plane.hub.statuses() if one.in_sync]) == count


async def test_a_stream_that_ends_waits_for_the_word_about_what_it_sent(running: Running) -> None:
    async with running() as plane, bare_stream(plane.address) as call:
        await call.write(request(NODE))
        nonce = first_nonce(await call.read())
        handing = asyncio.ensure_future(plane.server.hand_over(0.1))
        await asyncio.sleep(0.3)
        assert not await plane.is_empty()
        await call.write(request(nonce=nonce))
        assert await nothing_more(call)
        assert await end_of(call) == "OK"
        await handing


async def nothing_more(call: Any) -> bool:
    """Whether the stream ends, in whatever way."""
    try:
        return await call.read() is grpc.aio.EOF
    except grpc.aio.AioRpcError:
        return True


def first_nonce(raw: bytes) -> str:
    return DeltaDiscoveryResponse.FromString(raw).nonce


async def test_a_proxy_that_never_speaks_does_not_hold_the_end_up(running: Running) -> None:
    async with running() as plane, bare_stream(plane.address) as call:
        await call.write(request(NODE))
        await call.read()
        async with asyncio.timeout(90):
            await plane.server.hand_over(0.1)
        assert await end_of(call) == "OK"
        assert await plane.is_empty()


async def test_what_is_published_while_streams_are_handed_over_still_goes_out(running: Running) -> None:
    async with running() as plane, bare_stream(plane.address) as call:
        await call.write(request(NODE))
        nonce = first_nonce(await call.read())
        handing = asyncio.ensure_future(plane.server.hand_over(0.1))
        plane.endpoints.publish("a", "late")
        await asyncio.sleep(0.1)
        await call.write(request(nonce=nonce))
        answer = await call.read()
        assert b"late" in answer
        await call.write(request(nonce=first_nonce(answer)))
        assert await nothing_more(call)
        assert await end_of(call) == "OK"
        await handing
