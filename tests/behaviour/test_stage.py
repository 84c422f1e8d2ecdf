"""The stage itself: every protocol goes from one machine to another through two sidecars."""

import pytest

from tests.support.answering import SPEAKS_FIRST
from tests.support.stage import Stage
from tests.support.stage_mesh import listener, mesh, node, router, to


@pytest.mark.shows(
    "RouteSpec.httpRoute",
    "VirtualNodeSpec.listeners",
    "VirtualNodeSpec.serviceDiscovery",
    "VirtualRouterListener.portMapping",
)
async def test_http_goes_through_both_sidecars(stage: Stage) -> None:
    await stage.show(mesh())
    answer = await stage.front.http("http://orders.test/a?b=c", headers={"x-word": "hello"}, body=b"1234")
    assert (answer.who, answer.path, answer.seen["length"]) == ("blue", "/a?b=c", 4)
    assert answer.sent("x-word") == ["hello"]
    # Each sidecar on the way says how long it waited for what is behind it.
    assert "x-envoy-upstream-service-time" in answer.headers
    assert await stage.envoys["blue"].stat("http.ingress.downstream_rq_total") > 0


async def test_http2_goes_through_both_sidecars(stage: Stage) -> None:
    await stage.show(mesh("http2"))
    answer = await stage.front.http2("http://orders.test/a", "POST", body=b"1234")
    assert (answer.who, answer.path, answer.seen["protocol"]) == ("blue", "/a", "HTTP/2")


async def test_grpc_goes_through_both_sidecars(stage: Stage) -> None:
    await stage.show(mesh("grpc"))
    answer = await stage.front.grpc("orders.test", "/shop.Orders/List", [("x-word", "hello")])
    assert (answer.who, answer.path) == ("blue", "/shop.Orders/List")
    assert answer.sent("x-word") == ["hello"]


async def test_tcp_goes_through_both_sidecars(stage: Stage) -> None:
    await stage.show(mesh("tcp"))
    assert await stage.front.tcp("orders.test", 80, b"hello") == "blue: hello"


async def test_what_a_machine_outside_opens_comes_in_through_the_sidecar(stage: Stage) -> None:
    await stage.show(mesh())
    before = await stage.envoys["blue"].stat("http.ingress.downstream_rq_total")
    assert (await stage.outside.http("http://blue.test:8080/")).who == "blue"
    assert await stage.envoys["blue"].stat("http.ingress.downstream_rq_total") == before + 1


async def test_a_node_with_a_server_that_speaks_first_is_greeted(stage: Stage) -> None:
    spoken = node("blue", listeners=[listener("tcp", SPEAKS_FIRST)])
    await stage.show(mesh("tcp", nodes={"blue": spoken}))
    assert await stage.front.tcp("orders.test", 80, b"") == "blue greets\n"


@pytest.mark.parametrize("who", ["blue", "green"])
async def test_a_change_is_there_when_it_has_been_shown(stage: Stage, who: str) -> None:
    await stage.show(mesh(routes={"all": to(who)}, routers={"orders": router((80, "http"))}))
    assert (await stage.front.http("http://orders.test/")).who == who
