"""Active health checks: every client's proxy asks every endpoint, and leaves out those that are not well."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from tests.support.answering import App, Reply, Seen, usual
from tests.support.calling import Answer, counted
from tests.support.stage import Stage
from tests.support.stage_mesh import Spec, listener, mesh, to

CHECK: Spec = {
    "healthyThreshold": 2,
    "unhealthyThreshold": 2,
    "intervalMillis": 5000,
    "timeoutMillis": 2000,
}
#: `HealthCheckResponse` in its two states. Source: gRPC health checking protocol.
SERVING, NOT_SERVING = b"\x08\x01", b"\x08\x02"


def checked(name: str, speaks: str, listens: int | None = None, **check: object) -> Spec:
    """A mesh whose service has two endpoints, on two machines, that are checked. Each has its own cluster."""
    found = {"dns": {"hostname": "two.test", "responseType": "ENDPOINTS"}}
    more = {"healthCheck": {**CHECK, **check}} if check else {}
    spoken = listener(speaks, listens, **more)
    nodes = {name: {"listeners": [spoken], "serviceDiscovery": found}}
    return mesh(speaks, nodes=nodes, routes={"all": to(name, speaks)})


async def show(stage: Stage, name: str, speaks: str, listens: int | None = None, **check: object) -> None:
    """Show it without the check first: the first check must find every sidecar ready.

    Envoy looks only once a minute at what has had no traffic, so there is some.
    """
    first = "outside" if name == "checked-often" else "blue"
    stage.names["two.test"] = [stage.machines[one].address for one in (first, "green")]
    await stage.show(checked(name, speaks, listens))
    if speaks != "tcp":
        await ask(stage, speaks)
    await stage.show(checked(name, speaks, listens, **check))


def health(answer: Reply, path: str) -> Callable[[Seen], Awaitable[Reply]]:
    async def reply(seen: Seen) -> Reply:
        return answer if seen.path == path else await usual(seen)

    return reply


@pytest.mark.shows("Listener.healthCheck", "HealthCheckPolicy.protocol", "HealthCheckPolicy.path")
@pytest.mark.parametrize("protocol", ["http", "http2"])
async def test_an_endpoint_that_does_not_answer_200_on_its_path_is_left_out(
    stage: Stage, protocol: str
) -> None:
    stage.apps["blue"].reply = health(Reply(503), "/health?deep=1")
    stage.apps["green"].reply = health(Reply(503), "/")
    await show(stage, f"checked-{protocol}", protocol, protocol=protocol, path="/health?deep=1")
    assert counted([await ask(stage, protocol) for _ in range(6)]) == {"green": 6}


@pytest.mark.shows("HealthCheckPolicy.protocol")
async def test_an_endpoint_of_grpc_that_says_it_is_not_serving_is_left_out(stage: Stage) -> None:
    for app, state in (("blue", NOT_SERVING), ("green", SERVING)):
        stage.apps[app].reply = health(Reply(body=state), "/grpc.health.v1.Health/Check")
    await show(stage, "checked-grpc", "grpc", protocol="grpc")
    assert counted([await ask(stage, "grpc") for _ in range(6)]) == {"green": 6}


@pytest.mark.shows("HealthCheckPolicy.protocol", "HealthCheckPolicy.port")
async def test_an_endpoint_whose_port_takes_no_connection_is_left_out(stage: Stage) -> None:
    """A port that no sidecar stands before: one machine listens there, the other does not."""
    port = 9000
    with stage.machines["green"].listening("0.0.0.0", port):  # noqa: S104 - of the machine's own network
        await show(stage, "checked-tcp", "tcp", port, protocol="tcp", port=port)
        cluster = f"cds_egress_shop_checked-tcp_tcp_{port}"
        shown = (await stage.envoys["front"].get("/clusters")).splitlines()
    found = {
        line.split("::")[1]: line.rpartition("::")[2]
        for line in shown
        if line.startswith(cluster) and "::health_flags::" in line
    }
    assert found == {
        f"{stage.machines['blue'].address}:{port}": "/failed_active_hc",
        f"{stage.machines['green'].address}:{port}": "healthy",
    }


@pytest.mark.shows(
    *("HealthCheckPolicy.intervalMillis", "HealthCheckPolicy.timeoutMillis"),
    *("HealthCheckPolicy.unhealthyThreshold", "HealthCheckPolicy.healthyThreshold"),
)
async def test_an_endpoint_goes_after_so_many_failures_and_comes_back_after_so_many_successes(
    stage: Stage,
) -> None:
    # A status that is not 200 counts at once; only no answer at all is counted. A sidecar always answers,
    # so one of the two endpoints has none.
    await show(stage, "checked-often", "http", protocol="http", path="/health")
    outside = stage.apps["outside"]
    assert counted([await ask(stage, "http") for _ in range(6)]) == {"outside": 3, "green": 3}
    outside.seen.clear()
    outside.reply = health(Reply(is_reset=True), "/health")
    await until(stage, {"green": 4})
    assert _checks(outside) >= CHECK["unhealthyThreshold"]
    outside.seen.clear()
    outside.reply = usual
    await until(stage, {"outside": 2, "green": 2})
    assert _checks(outside) >= CHECK["healthyThreshold"]


def _checks(app: App) -> int:
    return len([one for one in app.seen if one.path == "/health"])


async def ask(stage: Stage, protocol: str) -> Answer:
    if protocol == "grpc":
        return await stage.front.grpc("orders.test", "/shop.Orders/List")
    asked = stage.front.http2 if protocol == "http2" else stage.front.http
    return await asked("http://orders.test/orders")


async def until(stage: Stage, answers: dict[str, int]) -> None:
    """Return once the next four requests are answered like this."""
    async with asyncio.timeout(90):
        while counted([await ask(stage, "http") for _ in range(4)]) != answers:
            await asyncio.sleep(0.2)
