"""What a route takes: each condition alone, on the wire. What it takes goes to blue, the rest to green."""

import pytest

from tests.support.answering import HTTP, HTTP_AGAIN
from tests.support.stage import Stage
from tests.support.stage_mesh import Spec, listener, mesh, node, router, to

GET = "GET"


async def shown(stage: Stage, match: Spec, protocol: str = "http") -> None:
    routes = {"it": to("blue", protocol, priority=0, **match), "rest": to("green", protocol, priority=1)}
    await stage.show(mesh(protocol, routes=routes))


async def takes(stage: Stage, path: str, **headers: str) -> bool:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return (await stage.front.http(f"http://orders.test{path}", headers=named)).who == "blue"


@pytest.mark.shows("HttpRoute.match", "HttpRouteMatch.prefix")
async def test_a_prefix_is_compared_letter_by_letter(stage: Stage) -> None:
    await shown(stage, {"prefix": "/a"})
    assert await takes(stage, "/a")
    assert await takes(stage, "/a/b?c")
    assert await takes(stage, "/ab")
    assert not await takes(stage, "/A")
    assert not await takes(stage, "/b/a")


@pytest.mark.shows("HttpRouteMatch.path", "HttpPathMatch.exact")
async def test_an_exact_path_is_the_whole_path_without_the_query(stage: Stage) -> None:
    await shown(stage, {"path": {"exact": "/a/b"}})
    assert await takes(stage, "/a/b")
    assert await takes(stage, "/a/b?c=/d")
    assert not await takes(stage, "/a/b/")
    assert not await takes(stage, "/a/bc")


@pytest.mark.shows("HttpRouteMatch.path", "HttpPathMatch.regex")
async def test_an_expression_covers_the_whole_path_without_the_query(stage: Stage) -> None:
    await shown(stage, {"path": {"regex": "/a/[0-9]+"}})
    assert await takes(stage, "/a/12")
    assert await takes(stage, "/a/12?x")
    assert not await takes(stage, "/a/12/")
    assert not await takes(stage, "/b/a/12")


@pytest.mark.shows("HttpRouteMatch.prefix")
async def test_a_path_is_put_in_order_before_it_is_compared(stage: Stage) -> None:
    await shown(stage, {"prefix": "/a/b"})
    assert await takes(stage, "//a///b")
    assert await takes(stage, "/x/../a/./b")
    assert not await takes(stage, "/a%2Fb")
    assert (await stage.front.http("http://orders.test/a/b/../b//c")).path == "/a/b/c"


@pytest.mark.shows("HttpRouteMatch.method")
async def test_a_method_is_compared_whole(stage: Stage) -> None:
    await shown(stage, {"prefix": "/", "method": "POST"})
    assert not await takes(stage, "/")
    assert (await stage.front.http("http://orders.test/", "POST", body=b"1")).who == "blue"
    assert (await stage.front.http("http://orders.test/", "PUT", body=b"1")).who == "green"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS", "PATCH", "POST"])
@pytest.mark.shows("HttpRouteMatch.method")
async def test_every_method_can_be_asked_for(stage: Stage, method: str) -> None:
    await shown(stage, {"prefix": "/", "method": method})
    answer = await stage.front.http("http://orders.test/", method)
    assert (answer.who, answer.seen["method"]) == ("blue", method)


@pytest.mark.shows("HttpRouteMatch.scheme", "RouteSpec.http2Route")
async def test_a_scheme_is_what_the_client_says_over_http2(stage: Stage) -> None:
    await shown(stage, {"prefix": "/", "scheme": "https"}, "http2")
    assert (await stage.front.http2("http://orders.test/", headers=[(":scheme", "https")])).who == "blue"
    assert (await stage.front.http2("http://orders.test/")).who == "green"


@pytest.mark.parametrize(
    ("method", "taken", "left"),
    [
        pytest.param({"exact": "abc"}, ["abc"], ["ab", "abcd", "ABC", ""], id="exact"),
        pytest.param({"prefix": "ab"}, ["ab", "abc"], ["ba", "Ab"], id="prefix"),
        pytest.param({"suffix": "bc"}, ["bc", "abc"], ["bcd", "bC"], id="suffix"),
        pytest.param({"regex": "a.c"}, ["abc"], ["abcd", "xabc"], id="regex"),
        pytest.param({"range": {"start": 1, "end": 100}}, ["1", "99"], ["0", "100", "x", "1.5"], id="range"),
        pytest.param({"range": {"start": -5, "end": 0}}, ["-5", "-1"], ["0", "-6"], id="negative range"),
    ],
)
@pytest.mark.shows(
    "HttpRouteMatch.headers",
    "HttpRouteHeader.name",
    "HttpRouteHeader.match",
    "HttpRouteHeader.invert",
    "HeaderMatchMethod.exact",
    "HeaderMatchMethod.prefix",
    "HeaderMatchMethod.suffix",
    "HeaderMatchMethod.regex",
    "HeaderMatchMethod.range",
    "MatchRange.start",
    "MatchRange.end",
)
async def test_a_header_is_compared_by_each_method_and_turned_round(
    stage: Stage, method: Spec, taken: list[str], left: list[str]
) -> None:
    await shown(stage, {"prefix": "/", "headers": [{"name": "X-Word", "match": method}]})
    assert [await takes(stage, "/", x_word=value) for value in taken] == [True] * len(taken)
    assert [await takes(stage, "/", x_word=value) for value in left] == [False] * len(left)
    assert not await takes(stage, "/")
    await shown(stage, {"prefix": "/", "headers": [{"name": "X-Word", "match": method, "invert": True}]})
    assert [await takes(stage, "/", x_word=value) for value in taken] == [False] * len(taken)
    assert [await takes(stage, "/", x_word=value) for value in left] == [True] * len(left)
    # A header that is not there satisfies no condition on its value, inverted or not.
    assert not await takes(stage, "/")


@pytest.mark.shows("HttpRouteHeader.name", "HttpRouteHeader.invert")
async def test_a_header_with_only_a_name_has_to_be_there_or_inverted_has_not(stage: Stage) -> None:
    await shown(stage, {"prefix": "/", "headers": [{"name": "x-word"}]})
    assert await takes(stage, "/", X_Word="anything")
    assert not await takes(stage, "/")
    await shown(stage, {"prefix": "/", "headers": [{"name": "x-word", "invert": True}]})
    assert not await takes(stage, "/", x_word="anything")
    assert await takes(stage, "/")


@pytest.mark.shows(
    "HttpRouteMatch.queryParameters",
    "HttpQueryParameter.name",
    "HttpQueryParameter.match",
    "QueryParameterMatch.exact",
)
async def test_a_query_parameter_has_its_value_or_is_there(stage: Stage) -> None:
    await shown(stage, {"prefix": "/", "queryParameters": [{"name": "a", "match": {"exact": "1"}}]})
    assert await takes(stage, "/?b=2&a=1")
    assert not await takes(stage, "/?a=12")
    assert not await takes(stage, "/?A=1")
    await shown(stage, {"prefix": "/", "queryParameters": [{"name": "a"}]})
    assert await takes(stage, "/?a")
    assert await takes(stage, "/?a=7")
    assert not await takes(stage, "/?b=a")


async def test_all_conditions_of_a_match_must_hold(stage: Stage) -> None:
    headers = [{"name": "x-one"}, {"name": "x-two", "match": {"exact": "2"}}]
    match = {"prefix": "/a", "method": "GET", "headers": headers, "queryParameters": [{"name": "q"}]}
    await shown(stage, match)
    assert await takes(stage, "/a?q", x_one="1", x_two="2")
    assert not await takes(stage, "/b?q", x_one="1", x_two="2")
    assert not await takes(stage, "/a", x_one="1", x_two="2")
    assert not await takes(stage, "/a?q", x_one="1", x_two="3")
    assert not await takes(stage, "/a?q", x_two="2")


@pytest.mark.shows("HttpRouteMatch.port", "WeightedTarget.port", "VirtualRouterSpec.listeners")
async def test_a_port_chooses_the_listener_of_the_router(stage: Stage) -> None:
    routes = {"it": to("blue", prefix="/", port=81), "rest": to("green", prefix="/", port=80)}
    await stage.show(mesh(routes=routes, routers={"orders": router((80, "http"), (81, "http"))}))
    assert (await stage.front.http("http://orders.test/")).who == "green"
    assert (await stage.front.http("http://orders.test:81/")).who == "blue"


@pytest.mark.shows("TcpRoute.match", "TcpRouteMatch.port")
async def test_a_port_chooses_the_listener_for_tcp_too(stage: Stage) -> None:
    routes = {"it": to("blue", "tcp", port=81), "rest": to("green", "tcp", port=80)}
    await stage.show(mesh("tcp", routes=routes, routers={"orders": router((80, "tcp"), (81, "tcp"))}))
    assert await stage.front.tcp("orders.test", 80) == "green: hello"
    assert await stage.front.tcp("orders.test", 81) == "blue: hello"


@pytest.mark.shows("GrpcRouteMatch.port")
async def test_a_port_chooses_the_listener_for_grpc_too(stage: Stage) -> None:
    routes = {"it": to("blue", "grpc", port=81), "rest": to("green", "grpc", port=80)}
    await stage.show(mesh("grpc", routes=routes, routers={"orders": router((80, "grpc"), (81, "grpc"))}))
    assert (await stage.front.grpc("orders.test", "/a.S/M")).who == "green"
    assert (await stage.front.grpc("orders.test", "/a.S/M", port=81)).who == "blue"


async def called(stage: Stage, method: str, **metadata: str) -> str:
    named = [(name.replace("_", "-"), value) for name, value in metadata.items()]
    return (await stage.front.grpc("orders.test", method, named)).who


@pytest.mark.shows("RouteSpec.grpcRoute", "GrpcRoute.match", "GrpcRouteMatch.serviceName")
async def test_a_grpc_service_is_compared_whole(stage: Stage) -> None:
    await shown(stage, {"serviceName": "shop.Orders"}, "grpc")
    assert await called(stage, "/shop.Orders/List") == "blue"
    assert await called(stage, "/shop.Orders/Other") == "blue"
    assert await called(stage, "/shop.OrdersV2/List") == "green"
    assert await called(stage, "/shop.orders/List") == "green"


@pytest.mark.shows("GrpcRouteMatch.methodName")
async def test_a_grpc_method_is_compared_whole(stage: Stage) -> None:
    await shown(stage, {"serviceName": "shop.Orders", "methodName": "List"}, "grpc")
    assert await called(stage, "/shop.Orders/List") == "blue"
    assert await called(stage, "/shop.Orders/ListAll") == "green"


@pytest.mark.parametrize(
    ("method", "taken", "left"),
    [
        pytest.param({"exact": "abc"}, "abc", "abcd", id="exact"),
        pytest.param({"prefix": "ab"}, "abc", "bc", id="prefix"),
        pytest.param({"suffix": "bc"}, "abc", "bcd", id="suffix"),
        pytest.param({"regex": "a.c"}, "abc", "abcd", id="regex"),
        pytest.param({"range": {"start": 1, "end": 3}}, "2", "3", id="range"),
    ],
)
@pytest.mark.shows(
    "GrpcRouteMatch.metadata",
    "GrpcRouteMetadata.name",
    "GrpcRouteMetadata.match",
    "GrpcRouteMetadata.invert",
    "GrpcRouteMetadataMatchMethod.exact",
    "GrpcRouteMetadataMatchMethod.prefix",
    "GrpcRouteMetadataMatchMethod.suffix",
    "GrpcRouteMetadataMatchMethod.regex",
    "GrpcRouteMetadataMatchMethod.range",
)
async def test_grpc_metadata_is_compared_by_each_method_and_turned_round(
    stage: Stage, method: Spec, taken: str, left: str
) -> None:
    await shown(stage, {"metadata": [{"name": "x-word", "match": method}]}, "grpc")
    assert await called(stage, "/a.S/M", x_word=taken) == "blue"
    assert await called(stage, "/a.S/M", x_word=left) == "green"
    assert await called(stage, "/a.S/M") == "green"
    await shown(stage, {"metadata": [{"name": "x-word", "match": method, "invert": True}]}, "grpc")
    assert await called(stage, "/a.S/M", x_word=taken) == "green"
    assert await called(stage, "/a.S/M", x_word=left) == "blue"


@pytest.mark.shows("GrpcRouteMetadata.name", "GrpcRouteMetadata.invert")
async def test_grpc_metadata_with_only_a_name_has_to_be_there(stage: Stage) -> None:
    await shown(stage, {"metadata": [{"name": "x-word"}]}, "grpc")
    assert await called(stage, "/a.S/M", x_word="1") == "blue"
    assert await called(stage, "/a.S/M") == "green"
    await shown(stage, {"metadata": [{"name": "x-word", "invert": True}]}, "grpc")
    assert await called(stage, "/a.S/M") == "blue"


@pytest.mark.shows("WeightedTarget.port", "Listener.portMapping", "PortMapping.port", "PortMapping.protocol")
async def test_a_target_names_one_of_several_listeners_of_its_node(stage: Stage) -> None:
    two = node("blue", listeners=[listener("http"), listener("http", HTTP_AGAIN)])
    routes = {
        "first": to([{"virtualNode": "blue", "weight": 1, "port": HTTP}], prefix="/first"),
        "second": to([{"virtualNode": "blue", "weight": 1, "port": HTTP_AGAIN}], prefix="/second"),
    }
    await stage.show(mesh(routes=routes, nodes={"blue": two}))
    assert (await stage.front.http("http://orders.test/first")).seen["port"] == HTTP
    assert (await stage.front.http("http://orders.test/second")).seen["port"] == HTTP_AGAIN
