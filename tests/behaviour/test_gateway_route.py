"""Which of a gateway's routes takes a request, and what happens where none does."""

import asyncio

import pytest

from tests.support.answering import Reply, Seen
from tests.support.calling import Answer
from tests.support.stage import Stage
from tests.support.stage_mesh import GATE, Spec, into, listener, mesh, node, router, to

STOCK = {"stock.test": {"provider": {"virtualNode": {"virtualNodeName": "green"}}}}


async def ask(stage: Stage, path: str = "/", **headers: str) -> Answer:
    return await stage.outside.http(f"http://gate.test:{GATE}{path}", headers=headers)


async def shown(stage: Stage, **entries: Spec) -> None:
    """orders.test is answered by blue, stock.test by green."""
    await stage.show(mesh(entries=entries, services=STOCK))


@pytest.mark.shows(
    "GatewayRouteSpec.priority",
    "HttpGatewayRoute.action",
    "HttpGatewayRouteAction.target",
    "GatewayRouteTarget.virtualService",
    "GatewayRouteVirtualService.virtualServiceName",
)
async def test_the_lowest_priority_is_asked_first_and_those_without_one_last(stage: Stage) -> None:
    await shown(stage, long=into("orders.test", prefix="/a/b"), short=into("stock.test", priority=1000))
    assert (await ask(stage, "/a/b")).who == "green"
    await shown(
        stage, long=into("orders.test", priority=2, prefix="/a/b"), short=into("stock.test", priority=1)
    )
    assert (await ask(stage, "/a/b")).who == "green"


async def test_of_one_priority_the_longest_prefix_is_asked_first(stage: Stage) -> None:
    await shown(stage, a=into("stock.test", prefix="/a"), b=into("orders.test", prefix="/a/b"))
    assert (await ask(stage, "/a/b/c")).who == "blue"
    assert (await ask(stage, "/a/bc")).who == "blue"
    assert (await ask(stage, "/a/c")).who == "green"


async def test_a_request_that_no_gateway_route_takes_is_answered_404(stage: Stage) -> None:
    await shown(stage, it=into("orders.test", prefix="/a"))
    assert (await ask(stage, "/b")).status == 404
    await stage.show(mesh(entries={}))
    assert (await ask(stage, "/a")).status == 404


async def test_a_request_that_no_route_of_the_service_takes_is_answered_404(stage: Stage) -> None:
    await stage.show(mesh(routes={"it": to("blue", prefix="/only")}))
    assert (await ask(stage, "/only")).who == "blue"
    assert (await ask(stage, "/other")).status == 404


@pytest.mark.parametrize(
    "services",
    [
        pytest.param({}, id="missing"),
        pytest.param({"stock.test": {}}, id="without provider"),
        pytest.param(
            {"stock.test": {"provider": {"virtualRouter": {"virtualRouterName": "gone"}}}}, id="gone"
        ),
    ],
)
async def test_a_service_that_is_not_there_is_answered_404_and_no_other_route_takes_its_requests(
    stage: Stage, services: Spec
) -> None:
    entries = {"all": into("orders.test"), "it": into("stock.test", prefix="/stock")}
    await stage.show(mesh(entries=entries, services=services))
    assert (await ask(stage, "/stock")).status == 404
    assert (await ask(stage, "/")).who == "blue"


async def test_a_target_without_a_port_is_not_guessed_among_several(stage: Stage) -> None:
    listeners = router((80, "http"), (81, "http"))
    await stage.show(mesh(routes={"it": to("blue", prefix="/", port=80)}, routers={"orders": listeners}))
    assert (await ask(stage)).status == 404


async def test_a_gateway_route_of_another_type_than_its_listener_takes_nothing(stage: Stage) -> None:
    await stage.show(mesh(entries={"it": into("orders.test", "http2")}))
    assert (await ask(stage)).status == 404


async def test_a_service_that_a_node_provides_is_reached_through_a_gateway(stage: Stage) -> None:
    await shown(stage, it=into("stock.test"))
    assert (await ask(stage)).who == "green"


@pytest.mark.shows(
    "GatewayRouteSpec.http2Route",
    "GatewayRouteSpec.grpcRoute",
    "GrpcGatewayRoute.action",
    "GrpcGatewayRouteAction.target",
)
async def test_a_gateway_speaks_the_protocols_of_its_listeners(stage: Stage) -> None:
    await stage.show(mesh("http2"))
    http2 = await stage.outside.http2(f"http://gate.test:{GATE}/a")
    assert (http2.who, http2.seen["protocol"]) == ("blue", "HTTP/2")
    await stage.show(mesh("grpc"))
    assert (await stage.outside.grpc("gate.test", "/a.S/M", port=GATE)).who == "blue"


@pytest.mark.parametrize("spoken", ["http2", "grpc"])
async def test_a_service_of_another_protocol_than_the_gateways_listener_is_spoken_to_in_its_own(
    stage: Stage, spoken: str
) -> None:
    written = mesh(spoken, entries={"it": into("orders.test")})
    written["gateways"]["gate"] = {"listeners": [listener("http", GATE)]}
    await stage.show(written)
    if spoken == "http2":
        assert (await ask(stage)).seen["protocol"] == "HTTP/2"
    else:
        # A route of gRPC takes calls only.
        assert (await ask(stage)).status == 404


async def slow(_: Seen) -> Reply:
    await asyncio.sleep(1)
    return Reply()


@pytest.mark.parametrize("value", [3, 0], ids=["longer", "unlimited"])
async def test_a_gateway_waits_as_long_as_the_most_patient_route_of_the_service(
    stage: Stage, value: int
) -> None:
    patient = {"timeout": {"perRequest": {"unit": "s", "value": value}}}
    hasty = {"timeout": {"perRequest": {"unit": "ms", "value": 100}}, **NO_RETRY}
    await stage.show(
        mesh(
            routes={"slow": to("blue", prefix="/slow", rule=patient), "rest": to("blue", rule=hasty)},
            entries={"it": into("orders.test")},
        )
    )
    stage.apps["blue"].reply = slow
    assert (await ask(stage, "/slow")).who == "blue"
    assert (await ask(stage, "/fast")).status == 504


NO_RETRY: Spec = {
    "retryPolicy": {
        "maxRetries": 0,
        "perRetryTimeout": {"unit": "s", "value": 15},
        "tcpRetryEvents": ["connection-error"],
    }
}


async def test_a_gateway_does_not_wait_longer_than_every_route_of_the_service(stage: Stage) -> None:
    rule = {"timeout": {"perRequest": {"unit": "ms", "value": 100}}, **NO_RETRY}
    for rewrite in (None, {"hostname": {"defaultTargetHostname": "DISABLED"}}):
        await stage.show(
            mesh(routes={"it": to("blue", rule=rule)}, entries={"it": into("orders.test", rewrite=rewrite)})
        )
        stage.apps["blue"].reply = slow
        assert (await ask(stage)).status == 504


async def test_retries_are_made_once_behind_the_gateway_and_not_again_in_front_of_it(stage: Stage) -> None:
    await stage.show(mesh())

    async def refuse(_: Seen) -> Reply:
        return Reply(status=503)

    stage.apps["blue"].reply = refuse
    assert (await ask(stage)).status == 503
    # The first try and the two of the default policy.
    assert len(stage.apps["blue"].seen) == 3


async def test_several_gateway_listeners_of_several_protocols_lead_to_their_own_routes(stage: Stage) -> None:
    written = mesh(
        nodes={"blue": node("blue", "http", "grpc")},
        routes={"it": to([{"virtualNode": "blue", "weight": 1, "port": 8080}])},
        routers={"calls": router((80, "grpc"))},
        services={"calls.test": {"provider": {"virtualRouter": {"virtualRouterName": "calls"}}}},
        entries={
            "http": into("orders.test", prefix="/", port=GATE),
            "grpc": into("calls.test", "grpc", port=8001),
        },
        gateways={"gate": {"listeners": [listener("http", GATE), listener("grpc", 8001)]}},
    )
    written["routes"]["calls/it"] = to([{"virtualNode": "blue", "weight": 1, "port": 8082}], "grpc")
    await stage.show(written)
    assert (await ask(stage)).who == "blue"
    assert (await stage.outside.grpc("gate.test", "/a.S/M", port=8001)).who == "blue"
