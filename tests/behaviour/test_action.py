"""Who gets how much of a route's traffic."""

from collections import Counter

import pytest

from tests.support.stage import Stage
from tests.support.stage_mesh import mesh, to

MANY = 200


async def shares(stage: Stage, protocol: str) -> Counter[str]:
    """Who answered many requests."""
    if protocol == "tcp":
        said = [await stage.front.tcp("orders.test", 80) for _ in range(MANY)]
        return Counter(one.partition(":")[0] for one in said)
    async with stage.front.session() as session:
        found = Counter[str]()
        for _ in range(MANY):
            async with session.get("http://orders.test/") as answer:
                found[(await answer.json(content_type=None))["who"]] += 1
        return found


@pytest.mark.parametrize("protocol", ["http", "tcp"])
@pytest.mark.shows(
    "HttpRoute.action",
    "HttpRouteAction.weightedTargets",
    "TcpRoute.action",
    "TcpRouteAction.weightedTargets",
    "RouteSpec.tcpRoute",
    "WeightedTarget.weight",
    "WeightedTarget.virtualNode",
)
async def test_weights_are_shares_of_their_sum(stage: Stage, protocol: str) -> None:
    await stage.show(mesh(protocol, routes={"all": to({"blue": 3, "green": 1}, protocol)}))
    found = await shares(stage, protocol)
    # Three quarters of 200, more than five standard deviations either way.
    assert 115 < found["blue"] < 185
    assert found.total() == MANY


@pytest.mark.parametrize("protocol", ["http", "tcp"])
@pytest.mark.shows("WeightedTarget.weight")
async def test_a_target_of_weight_zero_gets_nothing(stage: Stage, protocol: str) -> None:
    await stage.show(mesh(protocol, routes={"all": to({"blue": 0, "green": 1}, protocol)}))
    assert await shares(stage, protocol) == {"green": MANY}


@pytest.mark.shows("WeightedTarget.weight")
async def test_weights_that_are_all_zero_are_answered_503(stage: Stage) -> None:
    await stage.show(mesh(routes={"all": to({"blue": 0, "green": 0})}))
    answer = await stage.front.http("http://orders.test/")
    assert (answer.status, answer.body) == (503, b"no target of this route can be reached\n")


async def test_a_tcp_route_whose_weights_are_all_zero_refuses_connections(stage: Stage) -> None:
    await stage.show(mesh("tcp", routes={"all": to({"blue": 0, "green": 0}, "tcp")}))
    assert await stage.front.tcp("orders.test", 80) in ("ConnectionResetError", "closed")


@pytest.mark.shows("HttpRoute.action", "GrpcRoute.action", "GrpcRouteAction.weightedTargets")
async def test_a_grpc_route_shares_calls(stage: Stage) -> None:
    await stage.show(mesh("grpc", routes={"all": to({"blue": 1, "green": 1}, "grpc")}))
    async with stage.front.channel("orders.test", 80) as channel:
        call = channel.unary_unary("/a.S/M")
        for _ in range(60):
            await call(b"")
    assert len(stage.apps["blue"].seen) + len(stage.apps["green"].seen) == 60
    assert stage.apps["blue"].seen
    assert stage.apps["green"].seen


async def test_one_node_can_be_the_target_of_two_ports(stage: Stage) -> None:
    listeners = [{"portMapping": {"port": port, "protocol": "http"}} for port in (8080, 8085)]
    blue = {"listeners": listeners, "serviceDiscovery": {"dns": {"hostname": "blue.test"}}}
    targets = [{"virtualNode": "blue", "weight": 1, "port": port} for port in (8080, 8085)]
    await stage.show(mesh(nodes={"blue": blue}, routes={"all": to(targets)}))
    ports = {(await stage.front.http("http://orders.test/")).seen["port"] for _ in range(30)}
    assert ports == {8080, 8085}
