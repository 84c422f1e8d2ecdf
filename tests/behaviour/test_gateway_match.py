"""What a gateway route takes: each condition alone, on the wire. It leads to blue, the rest to green."""

import pytest

from tests.support.stage import Stage
from tests.support.stage_mesh import GATE, Spec, into, listener, mesh, router, to


def two_services(protocol: str, entries: dict[str, Spec]) -> Spec:
    """blue.svc leads to blue, green.svc to green; nobody rewrites a path."""
    written = mesh(
        protocol,
        entries=entries,
        services={
            f"{name}.svc": {"provider": {"virtualRouter": {"virtualRouterName": name}}}
            for name in ("blue", "green")
        },
        routers={name: router((80, protocol)) for name in ("blue", "green")},
    )
    return written | {"routes": {f"{name}/all": to(name, protocol) for name in ("blue", "green")}}


async def shown(stage: Stage, match: Spec, protocol: str = "http") -> None:
    entries = {
        "it": into("blue.svc", protocol, priority=0, **match),
        "rest": into("green.svc", protocol, priority=1),
    }
    await stage.show(two_services(protocol, entries))


async def takes(stage: Stage, path: str = "/", method: str = "GET", **headers: str) -> bool:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return (await stage.outside.http(f"http://gate.test:{GATE}{path}", method, headers=named)).who == "blue"


@pytest.mark.shows("GatewayRouteSpec.httpRoute", "HttpGatewayRoute.match", "HttpGatewayRouteMatch.prefix")
async def test_a_prefix_is_compared_letter_by_letter(stage: Stage) -> None:
    await shown(stage, {"prefix": "/a"})
    assert await takes(stage, "/a")
    assert await takes(stage, "/a/b")
    assert await takes(stage, "/ab")
    assert not await takes(stage, "/b")
    await shown(stage, {"prefix": "/a/"})
    assert await takes(stage, "/a/b")
    assert not await takes(stage, "/a")


@pytest.mark.shows("HttpGatewayRouteMatch.path")
async def test_an_exact_path_or_an_expression_is_the_whole_path(stage: Stage) -> None:
    await shown(stage, {"path": {"exact": "/a/b"}})
    assert await takes(stage, "/a/b?c")
    assert not await takes(stage, "/a/bc")
    await shown(stage, {"path": {"regex": "/a/[0-9]+"}})
    assert await takes(stage, "/a/1?c")
    assert not await takes(stage, "/a/1/")


@pytest.mark.shows("HttpGatewayRouteMatch.method")
async def test_a_method_is_compared_whole(stage: Stage) -> None:
    await shown(stage, {"prefix": "/", "method": "PUT"})
    assert await takes(stage, method="PUT")
    assert not await takes(stage, method="POST")


@pytest.mark.shows(
    "HttpGatewayRouteMatch.headers",
    "HttpGatewayRouteHeader.name",
    "HttpGatewayRouteHeader.match",
    "HttpGatewayRouteHeader.invert",
)
async def test_headers_are_compared_and_turned_round(stage: Stage) -> None:
    await shown(stage, {"prefix": "/", "headers": [{"name": "x-word", "match": {"prefix": "ab"}}]})
    assert await takes(stage, x_word="abc")
    assert not await takes(stage, x_word="bc")
    await shown(stage, {"prefix": "/", "headers": [{"name": "x-word", "invert": True}]})
    assert not await takes(stage, x_word="abc")
    assert await takes(stage)


@pytest.mark.shows("HttpGatewayRouteMatch.queryParameters")
async def test_query_parameters_are_compared(stage: Stage) -> None:
    await shown(stage, {"prefix": "/", "queryParameters": [{"name": "a", "match": {"exact": "1"}}]})
    assert await takes(stage, "/?a=1")
    assert not await takes(stage, "/?a=2")


@pytest.mark.shows("HttpGatewayRouteMatch.hostname", "GatewayRouteHostnameMatch.exact")
async def test_a_host_is_compared_whole_with_any_port_and_in_any_case(stage: Stage) -> None:
    await shown(stage, {"hostname": {"exact": "shop.example"}})
    for host in ("shop.example", "shop.example:8000", "shop.example:443", "SHOP.Example"):
        assert await takes(stage, host=host)
    for host in ("www.shop.example", "shop.example.org", "shopxexample", "shop.example:x"):
        assert not await takes(stage, host=host)


@pytest.mark.shows("GatewayRouteHostnameMatch.suffix")
async def test_a_suffix_is_how_the_host_ends_with_any_port(stage: Stage) -> None:
    await shown(stage, {"hostname": {"suffix": ".example"}, "prefix": "/a"})
    for host in ("shop.example", "a.b.example:8000", "SHOP.EXAMPLE"):
        assert await takes(stage, "/a", host=host)
    assert not await takes(stage, "/b", host="shop.example")
    assert not await takes(stage, "/a", host="shop.example.org")


@pytest.mark.shows("HttpGatewayRouteMatch.hostname")
async def test_priority_counts_before_the_host(stage: Stage) -> None:
    entries = {
        "it": into("blue.svc", priority=0),
        "rest": into("green.svc", priority=1, hostname={"exact": "shop.example"}),
    }
    await stage.show(two_services("http", entries))
    assert await takes(stage, host="shop.example")


@pytest.mark.shows("HttpGatewayRouteMatch.port", "VirtualGatewaySpec.listeners")
async def test_a_port_chooses_the_listener_of_the_gateway(stage: Stage) -> None:
    written = two_services(
        "http", {"it": into("blue.svc", prefix="/", port=8001), "rest": into("green.svc", port=GATE)}
    )
    written["gateways"]["gate"] = {"listeners": [listener("http", GATE), listener("http", 8001)]}
    await stage.show(written)
    assert (await stage.outside.http("http://gate.test:8001/")).who == "blue"
    assert (await stage.outside.http(f"http://gate.test:{GATE}/")).who == "green"


async def test_a_match_of_a_port_alone_takes_everything_there(stage: Stage) -> None:
    await stage.show(two_services("http", {"it": into("blue.svc", port=GATE)}))
    assert await takes(stage, "/anything")


async def called(stage: Stage, method: str, *metadata: tuple[str, str]) -> str:
    return (await stage.outside.grpc("gate.test", method, metadata, port=GATE)).who


@pytest.mark.shows(
    "GatewayRouteSpec.grpcRoute", "GrpcGatewayRoute.match", "GrpcGatewayRouteMatch.serviceName"
)
async def test_a_grpc_service_is_compared_whole_and_the_path_stays(stage: Stage) -> None:
    await shown(stage, {"serviceName": "shop.Orders"}, "grpc")
    answer = await stage.outside.grpc("gate.test", "/shop.Orders/List", port=GATE)
    assert (answer.who, answer.path) == ("blue", "/shop.Orders/List")
    assert await called(stage, "/shop.OrdersV2/List") == "green"


@pytest.mark.shows(
    "GrpcGatewayRouteMatch.metadata",
    "GrpcGatewayRouteMetadata.name",
    "GrpcGatewayRouteMetadata.match",
    "GrpcGatewayRouteMetadata.invert",
    "GrpcMetadataMatchMethod.exact",
    "GrpcMetadataMatchMethod.prefix",
    "GrpcMetadataMatchMethod.suffix",
    "GrpcMetadataMatchMethod.regex",
    "GrpcMetadataMatchMethod.range",
)
@pytest.mark.parametrize(
    ("method", "taken", "left"),
    [
        ({"exact": "abc"}, "abc", "abcd"),
        ({"prefix": "ab"}, "abc", "bc"),
        ({"suffix": "bc"}, "abc", "bcd"),
        ({"regex": "a.c"}, "abc", "abcd"),
        ({"range": {"start": 1, "end": 3}}, "2", "3"),
    ],
    ids=["exact", "prefix", "suffix", "regex", "range"],
)
async def test_grpc_metadata_is_compared(stage: Stage, method: Spec, taken: str, left: str) -> None:
    await shown(stage, {"metadata": [{"name": "x-word", "match": method}]}, "grpc")
    assert await called(stage, "/a.S/M", ("x-word", taken)) == "blue"
    assert await called(stage, "/a.S/M", ("x-word", left)) == "green"
    await shown(stage, {"metadata": [{"name": "x-word", "match": method, "invert": True}]}, "grpc")
    assert await called(stage, "/a.S/M", ("x-word", left)) == "blue"


@pytest.mark.shows("GrpcGatewayRouteMatch.hostname")
async def test_a_grpc_host_is_compared(stage: Stage) -> None:
    await shown(stage, {"hostname": {"exact": "gate.test"}}, "grpc")
    assert await called(stage, "/a.S/M") == "blue"
    await shown(stage, {"hostname": {"suffix": ".example"}}, "grpc")
    assert await called(stage, "/a.S/M") == "green"


@pytest.mark.shows("GrpcGatewayRouteMatch.port")
async def test_a_port_chooses_the_listener_for_grpc_too(stage: Stage) -> None:
    written = two_services(
        "grpc",
        {"it": into("blue.svc", "grpc", port=8001), "rest": into("green.svc", "grpc", port=GATE)},
    )
    written["gateways"]["gate"] = {"listeners": [listener("grpc", GATE), listener("grpc", 8001)]}
    await stage.show(written)
    assert (await stage.outside.grpc("gate.test", "/a.S/M", port=8001)).who == "blue"
    assert await called(stage, "/a.S/M") == "green"
