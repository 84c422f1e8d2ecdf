"""How long a request, a stream and a connection may take, and who sets it.

The last Envoy on the way tells the application how long it will wait, in `x-envoy-expected-rq-timeout-ms`:
so a test sees a timeout of seconds without waiting for it.
"""

import asyncio
import contextlib

import pytest

from tests.support.answering import HTTP
from tests.support.calling import Answer
from tests.support.failing import holding
from tests.support.stage import Stage
from tests.support.stage_mesh import Spec, listener, mesh, node, to

SOON: Spec = {"unit": "ms", "value": 200}
NEVER: Spec = {"unit": "s", "value": 0}
LONGER: Spec = {"unit": "s", "value": 20}
UNTOLD: list[str] = []


def expected(answer: Answer) -> list[str]:
    """How long the last Envoy would wait, in milliseconds; nothing if for ever."""
    return answer.sent("x-envoy-expected-rq-timeout-ms")


def on_route(protocol: str = "http", **timeout: Spec) -> Spec:
    return {"all": to("blue", protocol, rule={"timeout": timeout})}


def on_listener(protocol: str = "http", **timeout: Spec) -> Spec:
    return {"blue": node("blue", listeners=[listener(protocol, timeout={protocol: timeout})])}


async def ask(stage: Stage, protocol: str = "http") -> Answer:
    if protocol == "grpc":
        return await stage.front.grpc("orders.test", "/shop.Orders/List")
    asked = stage.front.http2 if protocol == "http2" else stage.front.http
    return await asked("http://orders.test/")


async def failure(stage: Stage, protocol: str) -> str:
    """How a request ends whose application does not answer."""
    with holding(stage.apps["blue"]):
        answer = await ask(stage, protocol)
    return answer.headers["grpc-status"] if protocol == "grpc" else str(answer.status)


TOO_LATE = [("http", "504"), ("http2", "504"), ("grpc", "UNAVAILABLE")]


@pytest.mark.shows("HttpRoute.timeout", "HttpTimeout.perRequest")
@pytest.mark.shows("GrpcRoute.timeout", "GrpcTimeout.perRequest")
@pytest.mark.parametrize(("protocol", "status"), TOO_LATE)
async def test_a_request_that_takes_longer_than_its_route_allows_ends(
    stage: Stage, protocol: str, status: str
) -> None:
    await stage.show(mesh(protocol, routes=on_route(protocol, perRequest=SOON)))
    assert await failure(stage, protocol) == status


@pytest.mark.shows(
    *("Listener.timeout", "HttpTimeout.perRequest", "GrpcTimeout.perRequest"),
    *("ListenerTimeout.http", "ListenerTimeout.http2", "ListenerTimeout.grpc"),
)
@pytest.mark.parametrize(("protocol", "status"), TOO_LATE)
async def test_a_request_that_takes_longer_than_the_listener_allows_ends(
    stage: Stage, protocol: str, status: str
) -> None:
    await stage.show(mesh(protocol, nodes=on_listener(protocol, perRequest=SOON)))
    assert await failure(stage, protocol) == status


@pytest.mark.shows("HttpTimeout.idle", "GrpcTimeout.idle")
@pytest.mark.parametrize(("protocol", "status"), TOO_LATE)
@pytest.mark.parametrize("place", ["route", "listener"])
async def test_a_request_on_which_nothing_moves_for_longer_than_idle_ends(
    stage: Stage, protocol: str, status: str, place: str
) -> None:
    timeout = {"idle": SOON, "perRequest": NEVER}
    on_it = {"routes": on_route(protocol, **timeout)} if place == "route" else {}
    behind = {"nodes": on_listener(protocol, **timeout)} if place == "listener" else {}
    await stage.show(mesh(protocol, **on_it, **behind))
    assert await failure(stage, protocol) == status


async def test_a_request_may_take_15_seconds_where_nobody_says_otherwise(stage: Stage) -> None:
    await stage.show(mesh())
    assert expected(await ask(stage)) == ["15000"]
    await stage.show(mesh(nodes={"blue": node("outside", "http")}))
    assert expected(await ask(stage)) == ["15000"]


@pytest.mark.shows("Duration.unit", "Duration.value")
async def test_to_wait_longer_than_15_seconds_needs_the_route_and_the_listener(stage: Stage) -> None:
    only_route = mesh(routes=on_route(perRequest=LONGER))
    await stage.show(only_route)
    assert expected(await ask(stage)) == ["15000"]
    await stage.show(mesh(nodes=on_listener(perRequest=LONGER)))
    assert expected(await ask(stage)) == ["20000"], "the listener would wait, the route does not"
    # Nobody else on the way to a machine without a sidecar: what it sees is the route's.
    await stage.show(mesh(nodes={"blue": node("outside", "http")}, routes=on_route(perRequest=LONGER)))
    assert expected(await ask(stage)) == ["20000"]


async def test_the_shorter_of_route_and_listener_holds(stage: Stage) -> None:
    await stage.show(mesh(routes=on_route(perRequest=SOON), nodes=on_listener(perRequest=LONGER)))
    assert await failure(stage, "http") == "504"
    await stage.show(mesh(routes=on_route(perRequest=LONGER), nodes=on_listener(perRequest=SOON)))
    assert await failure(stage, "http") == "504"


@pytest.mark.parametrize("protocol", ["http", "http2"])
async def test_zero_switches_the_request_timeout_off(stage: Stage, protocol: str) -> None:
    await stage.show(mesh(protocol, nodes=on_listener(protocol, perRequest=NEVER)))
    assert expected(await ask(stage, protocol)) == UNTOLD
    nodes = {"blue": node("outside", protocol)}
    await stage.show(mesh(protocol, nodes=nodes, routes=on_route(protocol, perRequest=NEVER)))
    assert expected(await ask(stage, protocol)) == UNTOLD


async def test_zero_switches_the_idle_timeout_off(stage: Stage) -> None:
    """A silent request then lasts until its own timeout, and Envoy says which of the two it was."""
    await stage.show(mesh(routes=on_route(idle=NEVER, perRequest=SOON)))
    with holding(stage.apps["blue"]):
        answer = await ask(stage)
    assert (answer.status, answer.body) == (504, b"upstream request timeout")


async def test_a_service_that_a_node_provides_has_15_seconds_whatever_its_listener_says(stage: Stage) -> None:
    """App Mesh roadmap issues 443 and 444."""
    outside = node("outside", listeners=[listener("http", timeout={"http": {"perRequest": LONGER}})])
    services = {"orders.test": {"provider": {"virtualNode": {"virtualNodeName": "blue"}}}}
    await stage.show(mesh(nodes={"blue": outside}, services=services))
    assert expected(await stage.front.http(f"http://orders.test:{HTTP}/")) == ["15000"]


@pytest.mark.shows("TcpRoute.timeout", "TcpTimeout.idle", "ListenerTimeout.tcp")
@pytest.mark.parametrize("place", ["route", "listener"])
async def test_a_silent_connection_of_tcp_ends_after_idle(stage: Stage, place: str) -> None:
    on_it = {"routes": on_route("tcp", idle=SOON)} if place == "route" else {}
    behind = {"nodes": on_listener("tcp", idle=SOON)} if place == "listener" else {}
    await stage.show(mesh("tcp", **on_it, **behind))
    reader, writer = await stage.front.connect("orders.test", 80)
    with contextlib.closing(writer):
        writer.write(b"a")
        assert await reader.read(100) == b"blue: a"
        async with asyncio.timeout(30):
            assert await reader.read(100) == b""


async def test_zero_keeps_a_silent_connection_of_tcp(stage: Stage) -> None:
    """Beside one that ends: when it does, the other is still there."""
    nodes = on_listener("tcp", idle=NEVER)
    short = {"routers": {"short": {"listeners": [listener("tcp", 81)]}}}
    services = {"short.test": {"provider": {"virtualRouter": {"virtualRouterName": "short"}}}}
    written = mesh("tcp", nodes=nodes, services=services, routes=on_route("tcp", idle=NEVER), **short)
    written["routes"]["short/all"] = to("blue", "tcp", rule={"timeout": {"idle": SOON}})
    written["nodes"]["front"] = node("front", "tcp", backends=["orders.test", "short.test"])
    await stage.show(written)
    reader, writer = await stage.front.connect("orders.test", 80)
    other, other_writer = await stage.front.connect("short.test", 81)
    with contextlib.closing(writer), contextlib.closing(other_writer):
        async with asyncio.timeout(30):
            assert await other.read(100) == b""
        writer.write(b"a")
        assert await reader.read(100) == b"blue: a"


async def test_a_grpc_stream_may_be_silent_for_as_long_as_nobody_forbids_it(stage: Stage) -> None:
    """App Mesh roadmap issue 302: streams need both timeouts off, on the route and on the listener."""
    off = {"idle": NEVER, "perRequest": NEVER}
    await stage.show(mesh("grpc", routes=on_route("grpc", **off), nodes=on_listener("grpc", **off)))
    async with stage.front.channel("orders.test", 80) as channel:
        call = channel.stream_stream("/shop.Orders/Watch")(timeout=30)
        for message in (b"a", b"b"):
            await call.write(message)
            assert b"blue" in await call.read()
            await asyncio.sleep(0.3)
        await call.done_writing()
    assert [seen.body for seen in stage.apps["blue"].seen] == [b"a", b"b"]
