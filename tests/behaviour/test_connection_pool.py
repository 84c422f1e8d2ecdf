"""How much a listener takes at once, and that nothing is limited where nobody says so."""

import asyncio
import contextlib

import aiohttp
import grpc
import pytest

from tests.support.answering import GRPC, HTTP, HTTP2, TCP
from tests.support.calling import Answer
from tests.support.failing import holding
from tests.support.stage import Stage
from tests.support.stage_mesh import Spec, listener, mesh, node, to

OVERFLOWN = "x-envoy-overloaded"
#: On a busy machine it may take longer than the usual 15 s until all are under way that a test holds.
PATIENT = {name: {"unit": "s", "value": 0} for name in ("perRequest", "idle")}


def limited(protocol: str, **limits: int) -> Spec:
    more: Spec = {"connectionPool": {protocol: limits}}
    if protocol != "tcp":
        more["timeout"] = {protocol: PATIENT}
    return mesh(protocol, nodes={"blue": node("blue", listeners=[listener(protocol, **more)])})


@pytest.mark.shows(
    *("Listener.connectionPool", "VirtualNodeConnectionPool.http"),
    "VirtualNodeHttpConnectionPool.maxConnections",
    "VirtualNodeHttpConnectionPool.maxPendingRequests",
)
async def test_what_neither_has_a_connection_nor_may_wait_is_answered_503_and_overloaded(
    stage: Stage,
) -> None:
    await stage.show(limited("http", maxConnections=2, maxPendingRequests=1))
    with holding(stage.apps["blue"]) as held:
        # One after the other: while a connection is being made, its request counts among those that wait.
        under_way = [_ask(stage)]
        await held.are(1)
        under_way.append(_ask(stage))
        await held.are(2)
        waiting = _ask(stage)
        await _reaches(stage, "upstream_rq_pending_active", 1)
        refused = await stage.outside.http(f"http://blue.test:{HTTP}/")
        assert (refused.status, refused.headers.get(OVERFLOWN)) == (503, "true")
        assert held.waiting == 2
    answers = await asyncio.gather(*under_way, waiting)
    assert [answer.status for answer in answers] == [200] * 3


@pytest.mark.shows("VirtualNodeHttpConnectionPool.maxPendingRequests")
async def test_any_number_of_requests_may_wait_where_only_connections_are_limited(stage: Stage) -> None:
    await stage.show(limited("http", maxConnections=1))
    with holding(stage.apps["blue"]) as held:
        asking = [_ask(stage) for _ in range(30)]
        await held.are(1)
        await _reaches(stage, "upstream_rq_pending_active", 29)
    assert [answer.status for answer in await asyncio.gather(*asking)] == [200] * 30


@pytest.mark.shows("VirtualNodeConnectionPool.http2", "VirtualNodeHttp2ConnectionPool.maxRequests")
async def test_more_requests_of_http2_than_may_be_under_way_are_answered_503(stage: Stage) -> None:
    await stage.show(limited("http2", maxRequests=2))
    url = f"http://blue.test:{HTTP2}/"
    with holding(stage.apps["blue"]) as held:
        under_way = [asyncio.ensure_future(stage.outside.http2(url)) for _ in range(2)]
        await held.are(2)
        refused = await stage.outside.http2(url)
        assert (refused.status, refused.headers.get(OVERFLOWN)) == (503, "true")
    assert [answer.status for answer in await asyncio.gather(*under_way)] == [200] * 2


@pytest.mark.shows("VirtualNodeConnectionPool.grpc", "VirtualNodeGrpcConnectionPool.maxRequests")
async def test_more_calls_of_grpc_than_may_be_under_way_are_unavailable(stage: Stage) -> None:
    await stage.show(limited("grpc", maxRequests=1))
    with holding(stage.apps["blue"]) as held:
        under_way = asyncio.ensure_future(stage.outside.grpc("blue.test", "/shop.Orders/List", port=GRPC))
        await held.are(1)
        refused = await stage.outside.grpc("blue.test", "/shop.Orders/List", port=GRPC)
        assert refused.headers["grpc-status"] == grpc.StatusCode.UNAVAILABLE.name
    assert (await under_way).who == "blue"


@pytest.mark.shows("VirtualNodeConnectionPool.tcp", "VirtualNodeTcpConnectionPool.maxConnections")
async def test_more_connections_of_tcp_than_may_be_open_are_closed(stage: Stage) -> None:
    await stage.show(limited("tcp", maxConnections=1))
    reader, writer = await stage.outside.connect("blue.test", TCP)
    with contextlib.closing(writer):
        writer.write(b"a")
        assert await reader.read(100) == b"blue: a"
        assert await stage.outside.tcp("blue.test", TCP) in ("closed", "ConnectionResetError")
        writer.write(b"b")
        assert await reader.read(100) == b"blue: b"


async def test_more_than_1024_requests_at_once_are_taken_where_nothing_is_limited(stage: Stage) -> None:
    """Envoy's own limits are 1,024 connections, waiting requests and requests; App Mesh set none."""
    blue = node("blue", listeners=[listener("http", timeout={"http": PATIENT})])
    await stage.show(mesh(nodes={"blue": blue}, routes={"all": to("blue", rule={"timeout": PATIENT})}))
    with holding(stage.apps["blue"]) as held:
        async with stage.front.session() as session:
            asking = [asyncio.ensure_future(_status(session)) for _ in range(1100)]
            await held.are(1100)
            held.let_go()
            assert set(await asyncio.gather(*asking)) == {200}


def _ask(stage: Stage) -> "asyncio.Future[Answer]":
    return asyncio.ensure_future(stage.outside.http(f"http://blue.test:{HTTP}/"))


async def _status(session: aiohttp.ClientSession) -> int:
    async with session.get("http://orders.test/") as answer:
        await answer.read()
        return int(answer.status)


async def _reaches(stage: Stage, stat: str, value: int) -> None:
    """Return once a statistic of blue's way to its application has a value."""
    name = f"cluster.cds_ingress_shop_blue_http_{HTTP}.{stat}"
    async with asyncio.timeout(60):
        while await stage.envoys["blue"].stat(name) != value:
            await asyncio.sleep(0.02)
