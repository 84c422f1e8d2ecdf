"""Which of a router's routes takes a request, and what happens where none does."""

import pytest

from tests.support.stage import Stage
from tests.support.stage_mesh import listener, mesh, node, router, to


async def who(stage: Stage, path: str = "/", **headers: str) -> str:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return (await stage.front.http(f"http://orders.test{path}", headers=named)).who


@pytest.mark.shows("RouteSpec.priority")
async def test_the_lowest_priority_is_asked_first_whatever_the_prefix(stage: Stage) -> None:
    await stage.show(
        mesh(routes={"long": to("blue", priority=1000, prefix="/a/b/c"), "short": to("green", priority=0)})
    )
    assert await who(stage, "/a/b/c") == "green"


@pytest.mark.shows("RouteSpec.priority")
async def test_a_route_without_a_priority_comes_after_all_that_have_one(stage: Stage) -> None:
    await stage.show(mesh(routes={"long": to("blue", prefix="/a/b"), "last": to("green", priority=1000)}))
    assert await who(stage, "/a/b") == "green"


async def test_of_one_priority_the_longest_prefix_is_asked_first(stage: Stage) -> None:
    routes = {"a": to("green", priority=1, prefix="/a"), "b": to("blue", priority=1, prefix="/a/b")}
    await stage.show(mesh(routes=routes))
    assert await who(stage, "/a/b") == "blue"
    assert await who(stage, "/a") == "green"
    await stage.show(mesh(routes={"a": to("green"), "b": to("blue", prefix="/a")}))
    assert await who(stage, "/a/b") == "blue"


async def test_of_one_prefix_the_route_with_more_conditions_is_asked_first(stage: Stage) -> None:
    routes = {"a": to("green"), "b": to("blue", prefix="/", headers=[{"name": "x-word"}])}
    await stage.show(mesh(routes=routes))
    assert await who(stage, x_word="1") == "blue"
    assert await who(stage) == "green"


async def test_an_exact_path_is_asked_before_any_prefix(stage: Stage) -> None:
    routes = {"a": to("green", prefix="/a/b"), "b": to("blue", path={"exact": "/a/b"})}
    await stage.show(mesh(routes=routes))
    assert await who(stage, "/a/b") == "blue"
    assert await who(stage, "/a/bc") == "green"


async def test_a_request_that_no_route_takes_is_answered_404(stage: Stage) -> None:
    await stage.show(mesh(routes={"it": to("blue", prefix="/a")}))
    assert (await stage.front.http("http://orders.test/b")).status == 404


async def test_a_router_without_routes_answers_404(stage: Stage) -> None:
    written = mesh()
    written["routes"] = {}
    await stage.show(written)
    assert (await stage.front.http("http://orders.test/")).status == 404


@pytest.mark.parametrize("protocol", ["http", "http2"])
async def test_a_host_that_is_no_backend_is_answered_404_on_a_backends_port(
    stage: Stage, protocol: str
) -> None:
    await stage.show(mesh(protocol))
    ask = stage.front.http if protocol == "http" else stage.front.http2
    assert (await ask("http://unknown.test/")).status == 404


async def test_a_host_is_taken_with_and_without_its_port_and_in_any_case(stage: Stage) -> None:
    await stage.show(mesh(routers={"orders": router((8000, "http"))}))
    for host in ("orders.test", "orders.test:8000", "ORDERS.Test"):
        answer = await stage.front.http("http://orders.test:8000/", headers={"host": host})
        assert (answer.who, answer.sent("host")) == ("blue", [host])
    answer = await stage.front.http("http://orders.test:8000/", headers={"host": "orders.test:80"})
    assert answer.status == 404


@pytest.mark.shows(
    "VirtualServiceProvider.virtualRouter",
    "VirtualRouterServiceProvider.virtualRouterName",
    "Backend.virtualService",
    "VirtualServiceBackend.virtualServiceName",
    "VirtualNodeSpec.backends",
    "VirtualServiceSpec.provider",
)
async def test_two_services_on_one_port_are_told_apart_by_their_names(stage: Stage) -> None:
    await stage.show(
        mesh(
            nodes={"front": node("front", "http", backends=["orders.test", "stock.test"])},
            services={"stock.test": {"provider": {"virtualRouter": {"virtualRouterName": "stock"}}}},
            routers={"stock": router((80, "http"))},
            routes={"all": to("blue")},
        )
        | {"routes": {"orders/all": to("blue"), "stock/all": to("green")}}
    )
    assert (await stage.front.http("http://orders.test/")).who == "blue"
    assert (await stage.front.http("http://stock.test/")).who == "green"


@pytest.mark.parametrize("protocol", ["http", "http2", "grpc", "tcp"])
@pytest.mark.shows("VirtualServiceProvider.virtualNode", "VirtualNodeServiceProvider.virtualNodeName")
async def test_a_service_that_a_node_provides_is_reached_on_the_nodes_own_port(
    stage: Stage, protocol: str
) -> None:
    provider = {"provider": {"virtualNode": {"virtualNodeName": "green"}}}
    written = mesh(protocol, services={"orders.test": provider})
    await stage.show(written)
    port = written["nodes"]["green"]["listeners"][0]["portMapping"]["port"]
    match protocol:
        case "http":
            assert (await stage.front.http(f"http://orders.test:{port}/")).who == "green"
        case "http2":
            assert (await stage.front.http2(f"http://orders.test:{port}/")).who == "green"
        case "grpc":
            assert (await stage.front.grpc("orders.test", "/a.S/M", port=port)).who == "green"
        case _:
            assert await stage.front.tcp("orders.test", port) == "green: hello"
    assert await stage.front.tcp("orders.test", 80) in ("ConnectionResetError", "closed")


async def test_a_service_that_a_node_provides_is_there_on_each_of_the_nodes_ports(stage: Stage) -> None:
    provider = {"provider": {"virtualNode": {"virtualNodeName": "green"}}}
    both = node("green", "http", "http2", "tcp")
    await stage.show(mesh(services={"orders.test": provider}, nodes={"green": both}))
    assert (await stage.front.http("http://orders.test:8080/")).who == "green"
    assert (await stage.front.http2("http://orders.test:8081/")).who == "green"
    assert await stage.front.tcp("orders.test", 8083) == "green: hello"


@pytest.mark.parametrize(
    "missing",
    [
        pytest.param({"services": {}}, id="service"),
        pytest.param({"services": {"orders.test": {}}}, id="provider"),
        pytest.param({"routers": {}}, id="router"),
    ],
)
async def test_a_backend_that_leads_nowhere_claims_no_port(stage: Stage, missing: dict[str, object]) -> None:
    await stage.show({**mesh(), **missing, **({"routes": {}} if "routers" in missing else {})})
    assert await stage.front.tcp("orders.test", 80) in ("ConnectionResetError", "closed")


@pytest.mark.parametrize(
    "target",
    [
        pytest.param(None, id="missing"),
        pytest.param({}, id="without listeners"),
        pytest.param({"listeners": [listener("http"), listener("http", 8085)]}, id="of several ports"),
    ],
)
async def test_a_route_whose_only_target_cannot_be_reached_is_answered_503(
    stage: Stage, target: dict[str, object] | None
) -> None:
    written = mesh(routes={"all": to("other")})
    if target is not None:
        discovered = {"serviceDiscovery": {"dns": {"hostname": "blue.test"}}} if target else {}
        written["nodes"]["other"] = {**target, **discovered}
    await stage.show(written)
    assert (await stage.front.http("http://orders.test/")).status == 503


async def test_a_target_that_is_missing_leaves_all_traffic_to_the_others(stage: Stage) -> None:
    await stage.show(mesh(routes={"all": to({"gone": 99, "blue": 1})}))
    assert {await who(stage) for _ in range(20)} == {"blue"}


@pytest.mark.parametrize(
    ("spoken", "written"), [("http", "http2"), ("http2", "http"), ("http", "tcp"), ("grpc", "http2")]
)
async def test_a_route_of_another_type_than_its_router_takes_nothing(
    stage: Stage, spoken: str, written: str
) -> None:
    await stage.show(mesh(spoken, routes={"all": to("blue", written)}))
    if spoken == "http":
        assert (await stage.front.http("http://orders.test/")).status == 404
    else:
        assert (await stage.front.http2("http://orders.test/")).status == 404


async def test_services_of_http_http2_and_grpc_share_a_port(stage: Stage) -> None:
    kinds = ("http", "http2", "grpc")
    await stage.show(
        mesh(
            nodes={
                "front": node("front", "http", backends=[f"{kind}.test" for kind in kinds]),
                "all": node("all", *kinds, serviceDiscovery={"dns": {"hostname": "blue.test"}}),
                "blue": node("blue", *kinds),
            },
            services={
                f"{kind}.test": {"provider": {"virtualRouter": {"virtualRouterName": kind}}} for kind in kinds
            },
            routers={kind: router((80, kind)) for kind in kinds},
        )
        | {
            "routes": {
                f"{kind}/all": to([{"virtualNode": "all", "weight": 1, "port": 8080 + number}], kind)
                for number, kind in enumerate(kinds)
            }
        }
    )
    assert (await stage.front.http("http://http.test/")).seen["protocol"] == "HTTP/1.1"
    assert (await stage.front.http2("http://http2.test/")).seen["protocol"] == "HTTP/2"
    assert (await stage.front.grpc("grpc.test", "/a.S/M")).seen["protocol"] == "gRPC"
