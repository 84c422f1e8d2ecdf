"""App Mesh's own failures must not come back; each test is named after what must not happen.

Retries that miss resets (284) and ignored `x-envoy-*` headers (404) are in `test_retry.py`; WebSocket on
http2 (465) is in `test_websocket.py`.
"""

import asyncio

from gossamer.mesh.problems import problems
from gossamer.mesh.surroundings import CloudMapService, Instance, Surroundings
from tests.support.calling import counted
from tests.support.goldens import mesh_of
from tests.support.stage import Stage
from tests.support.stage_mesh import Spec, listener, mesh, node, router, to

SERVICE = CloudMapService("shop", "orders")


def listed(unhealthy: int) -> Spec:
    """A node that Cloud Map lists, with a health check."""
    times = {"intervalMillis": 5000, "timeoutMillis": 2000}
    check = {"protocol": "tcp", "healthyThreshold": 2, "unhealthyThreshold": unhealthy, **times}
    discovery = {"awsCloudMap": {"namespaceName": "shop", "serviceName": "orders"}}
    nodes = {"kept": {"listeners": [listener("http", healthCheck=check)], "serviceDiscovery": discovery}}
    return mesh(nodes=nodes, routes={"all": to("kept")})


def found(*addresses: str) -> Surroundings:
    return Surroundings(instances={SERVICE: tuple(Instance(one) for one in addresses)})


async def test_a_changed_health_check_does_not_empty_the_cluster(stage: Stage) -> None:
    """Issue 192: for half an hour nobody was left, since the endpoints were not sent again."""
    stage.plane.reconciler.surround(found(stage.machines["blue"].address))
    for unhealthy in (2, 3, 4):
        await stage.show(listed(unhealthy))
        answers = [await stage.front.http("http://orders.test/") for _ in range(4)]
        assert counted(answers) == {"blue": 4}


async def test_an_endpoint_that_was_taken_away_gets_no_request_any_more(stage: Stage) -> None:
    """Issue 362: deployments were outages, since removed endpoints stayed for as long as they seemed well."""
    blue, green = (stage.machines[name].address for name in ("blue", "green"))
    stage.plane.reconciler.surround(found(blue, green))
    await stage.show(listed(2))
    assert counted([await stage.front.http("http://orders.test/") for _ in range(8)]).keys() == {
        "blue",
        "green",
    }
    stage.plane.reconciler.surround(found(green))
    await stage.settled()
    stage.apps["blue"].seen.clear()
    assert counted([await stage.front.http("http://orders.test/") for _ in range(8)]) == {"green": 8}
    assert stage.apps["blue"].seen == []


async def test_no_update_is_lost_however_fast_they_follow_each_other(stage: Stage) -> None:
    """Issues 218, 108 and 32: changes came late, or never until a restart."""
    await stage.show(mesh())
    for step in range(100):
        stage.plane.show(mesh_of(mesh(routes={"all": to("green" if step % 2 else "blue")})))
        if step % 7 == 0:
            await asyncio.sleep(0)
    await stage.settled()
    assert counted([await stage.front.http("http://orders.test/") for _ in range(8)]) == {"green": 8}


async def test_a_deleted_route_is_not_followed_any_more(stage: Stage) -> None:
    """Issue 218: more than ten minutes after its deletion a route was still followed."""
    routes = {"all": to("blue"), "more": to("green", prefix="/more")}
    await stage.show(mesh(routes=routes))
    assert (await stage.front.http("http://orders.test/more")).who == "green"
    await stage.show(mesh())
    assert (await stage.front.http("http://orders.test/more")).who == "blue"


async def test_two_protocols_on_one_port_do_not_make_the_node_deaf(stage: Stage) -> None:
    """Issue 175: Envoy refused all of it, and the node heard of no change any more."""
    await stage.show(mesh())
    written = mesh(
        services={"stock.test": {"provider": {"virtualRouter": {"virtualRouterName": "stock"}}}},
        routers={"stock": router((80, "tcp"))},
        nodes={
            "front": node("front", "http", backends=["orders.test", "stock.test"]),
            "green": node("green", "tcp"),
        },
    )
    written["routes"]["stock/all"] = to("green", "tcp")
    await stage.show(written)
    assert (await stage.front.http("http://orders.test/")).who == "blue"
    told = [one.why for one in problems(mesh_of(written)) if one.ref.name == "front"]
    assert told == ["port 80 is TCP for stock.test and HTTP for orders.test: only HTTP is served"]


async def test_several_external_backends_of_tcp_do_not_shut_each_other_out_of_443(stage: Stage) -> None:
    """Issue 435: with two external backends on 443 nothing was let out. Each may have a port of its own."""
    services = {
        f"{name}.test": {"provider": {"virtualRouter": {"virtualRouterName": name}}}
        for name in ("orders", "stock")
    }
    written = mesh(
        "tcp",
        services=services,
        routers={"orders": router((443, "tcp")), "stock": router((443, "tcp"), (8443, "tcp"))},
        nodes={"front": node("front", "tcp", backends=list(services))},
        routes={"all": to("blue", "tcp")},
    )
    for port in (443, 8443):
        written["routes"][f"stock/{port}"] = to("green", "tcp", port=port)
    await stage.show(written)
    assert await stage.front.tcp("orders.test", 443) == "blue: hello"
    assert await stage.front.tcp("stock.test", 8443) == "green: hello"
    told = [one.why for one in problems(mesh_of(written)) if one.ref.name == "front"]
    only = "only orders.test is served, give each its own port"
    assert told == [f"port 443 is TCP for orders.test, stock.test: {only}"]


async def test_a_mistyped_service_name_does_not_pass_by_the_mesh_in_silence(stage: Stage) -> None:
    """Issues 71 and 362: a name that is no backend was let through, past all routes."""
    written = mesh(nodes={"front": node("front", "http", backends=["order.test"])})
    await stage.show(written)
    assert await stage.front.tcp("orders.test", 80, b"GET / HTTP/1.1\r\nhost: orders.test\r\n\r\n") in (
        "closed",
        "ConnectionResetError",
    )
    told = [one.why for one in problems(mesh_of(written)) if one.ref.name == "front"]
    assert told == ["backend order.test does not exist: did you mean orders.test?"]
