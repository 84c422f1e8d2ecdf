"""A gateway's own listeners: who reaches them, what they count, and what they let through."""

import asyncio

import pytest

from gossamer.mesh.data_plane import DataPlane
from tests.support.answering import Reply, Seen
from tests.support.calling import Answer
from tests.support.envoy import eventually
from tests.support.stage import Stage
from tests.support.stage_mesh import GATE, into, listener, mesh

SELF = "cds_ingress_shop_gate_self_redirect"


async def ask(stage: Stage, port: int = GATE) -> Answer:
    return await stage.outside.http(f"http://gate.test:{port}/")


async def test_a_gateway_listens_where_its_mesh_says_and_nowhere_else_any_more(stage: Stage) -> None:
    await stage.show(mesh(gateways={"gate": {"listeners": [listener("http", 8001)]}}))
    assert (await ask(stage, 8001)).who == "blue"

    async def is_closed() -> bool:
        return await stage.outside.tcp("gate.test", GATE) == "ConnectionRefusedError"

    await eventually(is_closed, "the port that was there before, closed")


async def test_nobody_from_outside_can_pass_the_gateway_routes_by(stage: Stage) -> None:
    await stage.show(mesh())
    assert await stage.outside.tcp("gate.test", 15001) == "ConnectionRefusedError"


async def test_a_request_counts_once_on_the_way_in_and_once_on_the_way_out(
    stage: Stage, way: DataPlane
) -> None:
    await stage.show(mesh())
    envoy = stage.envoys["gate"]
    names = (
        "http.ingress.downstream_rq_total",
        "http.egress.downstream_rq_total",
        f"listener.0.0.0.0_{GATE}.downstream_cx_total",
        f"cluster.{SELF}_http_15001.upstream_rq_total",
        "cluster.cds_egress_shop_blue_http_8080.upstream_rq_total",
    )
    before = [await envoy.stat(name) for name in names]
    assert (await ask(stage)).who == "blue"
    assert [await envoy.stat(name) for name in names] == [count + 1 for count in before]
    if not way.has_flat_gateways:
        assert await envoy.stat("listener.0.0.0.0_15001.downstream_cx_total") > 0


async def test_several_listeners_are_told_apart_in_names_and_statistics(stage: Stage) -> None:
    both = {"gate": {"listeners": [listener("http", GATE), listener("http2", 8001)]}}
    entries = {
        "a": into("orders.test", prefix="/", port=GATE),
        "b": into("orders.test", "http2", prefix="/", port=8001),
    }
    await stage.show(mesh(gateways=both, entries=entries))
    envoy = stage.envoys["gate"]
    names = (
        f"http.ingress.http.{GATE}.downstream_rq_total",
        "http.ingress.http2.8001.downstream_rq_total",
        f"cluster.{SELF}_{GATE}_http_15001.upstream_rq_total",
        f"cluster.{SELF}_8001_http2_15001.upstream_rq_total",
    )
    before = [await envoy.stat(name) for name in names]
    assert (await ask(stage)).who == "blue"
    assert (await stage.outside.http2("http://gate.test:8001/")).who == "blue"
    assert [await envoy.stat(name) for name in names] == [count + 1 for count in before]


@pytest.mark.shows(
    "VirtualGatewayListener.portMapping",
    "VirtualGatewayPortMapping.port",
    "VirtualGatewayPortMapping.protocol",
)
async def test_a_listener_of_http2_takes_http1_as_well(stage: Stage) -> None:
    await stage.show(mesh("http2"))
    assert (await ask(stage)).who == "blue"
    assert (await stage.outside.http2(f"http://gate.test:{GATE}/")).who == "blue"


@pytest.mark.parametrize(
    ("protocol", "pool"),
    [
        ("http", {"http": {"maxConnections": 1, "maxPendingRequests": 1}}),
        ("http2", {"http2": {"maxRequests": 1}}),
    ],
)
@pytest.mark.shows(
    "VirtualGatewayListener.connectionPool",
    "VirtualGatewayConnectionPool.http",
    "VirtualGatewayConnectionPool.http2",
    "VirtualGatewayHttpConnectionPool.maxConnections",
    "VirtualGatewayHttpConnectionPool.maxPendingRequests",
    "VirtualGatewayHttp2ConnectionPool.maxRequests",
)
async def test_a_listeners_pool_bounds_what_the_gateway_takes_at_once(
    stage: Stage, protocol: str, pool: dict[str, object]
) -> None:
    limited = {"gate": {"listeners": [listener(protocol, GATE, connectionPool=pool)]}}
    await stage.show(mesh(protocol, gateways=limited))
    release = asyncio.Event()

    async def wait(_: Seen) -> Reply:
        await release.wait()
        return Reply()

    stage.apps["blue"].reply = wait
    many = [asyncio.ensure_future(ask(stage)) for _ in range(4)]

    async def some_are_turned_away() -> bool:
        return sum(one.done() for one in many) >= 2

    await eventually(some_are_turned_away, "two turned away")
    release.set()
    answers = await asyncio.gather(*many)
    turned_away = [one for one in answers if one.status == 503]
    assert {one.status for one in answers} == {200, 503}
    assert all(one.headers["x-envoy-overloaded"] == "true" for one in turned_away)


@pytest.mark.shows("VirtualGatewayConnectionPool.grpc", "VirtualGatewayGrpcConnectionPool.maxRequests")
async def test_a_listeners_pool_bounds_calls_at_once(stage: Stage) -> None:
    pool = {"grpc": {"maxRequests": 1}}
    await stage.show(
        mesh("grpc", gateways={"gate": {"listeners": [listener("grpc", GATE, connectionPool=pool)]}})
    )
    release = asyncio.Event()

    async def wait(_: Seen) -> Reply:
        await release.wait()
        return Reply()

    stage.apps["blue"].reply = wait
    many = [asyncio.ensure_future(stage.outside.grpc("gate.test", "/a.S/M", port=GATE)) for _ in range(3)]

    async def some_are_turned_away() -> bool:
        return sum(one.done() for one in many) >= 2

    await eventually(some_are_turned_away, "two turned away")
    release.set()
    codes = sorted(one.headers["grpc-status"] for one in await asyncio.gather(*many))
    assert codes == ["OK", "UNAVAILABLE", "UNAVAILABLE"]


@pytest.mark.shows(
    "VirtualGatewayListener.healthCheck",
    "VirtualGatewayHealthCheckPolicy.healthyThreshold",
    "VirtualGatewayHealthCheckPolicy.intervalMillis",
    "VirtualGatewayHealthCheckPolicy.path",
    "VirtualGatewayHealthCheckPolicy.port",
    "VirtualGatewayHealthCheckPolicy.protocol",
    "VirtualGatewayHealthCheckPolicy.timeoutMillis",
    "VirtualGatewayHealthCheckPolicy.unhealthyThreshold",
)
async def test_a_health_check_of_a_gateway_is_made_by_nobody_and_that_is_told(stage: Stage) -> None:
    check = {
        "protocol": "http",
        "path": "/health",
        "port": GATE,
        "healthyThreshold": 2,
        "unhealthyThreshold": 2,
        "intervalMillis": 5000,
        "timeoutMillis": 2000,
    }
    await stage.show(mesh(gateways={"gate": {"listeners": [listener("http", GATE, healthCheck=check)]}}))
    assert (await ask(stage)).who == "blue"
    assert [seen.path for seen in stage.apps["blue"].seen] == ["/"]
    told = [one.why for one in stage.plane.reconciler.problems("shop") or ()]
    assert [why for why in told if why.startswith(f"has a health check on port {GATE}, which nobody makes")]
