"""When a request is tried again, how often, where, and when not."""

import asyncio

import grpc
import pytest

from tests.support.answering import HTTP, Reply
from tests.support.calling import Answer
from tests.support.failing import always, first, holding
from tests.support.stage import Stage
from tests.support.stage_mesh import Spec, listener, mesh, node, to

SOON: Spec = {"unit": "ms", "value": 200}
LATE: Spec = {"unit": "s", "value": 30}


def retrying(times: int = 3, per_try: Spec = LATE, **events: list[str]) -> Spec:
    return {"retryPolicy": {"maxRetries": times, "perRetryTimeout": per_try, **events}}


async def ask(stage: Stage, path: str = "/") -> Answer:
    return await stage.front.http(f"http://orders.test{path}")


@pytest.mark.shows("HttpRoute.retryPolicy", "HttpRetryPolicy.httpRetryEvents")
@pytest.mark.parametrize(
    ("event", "status"),
    [
        *[("server-error", status) for status in (500, 501, 502, 503, 504, 505, 506, 507, 508, 510, 511)],
        *[("gateway-error", status) for status in (502, 503, 504)],
        ("client-error", 409),
    ],
)
async def test_an_answer_of_the_event_is_tried_again(stage: Stage, event: str, status: int) -> None:
    await stage.show(mesh(routes={"all": to("blue", rule=retrying(httpRetryEvents=[event]))}))
    stage.apps["blue"].reply = first(2, Reply(status))
    assert (await ask(stage)).who == "blue"
    assert len(stage.apps["blue"].seen) == 3


@pytest.mark.parametrize(
    ("event", "status"),
    [("server-error", 409), ("gateway-error", 500), ("client-error", 503), ("client-error", 404)],
)
async def test_an_answer_of_another_event_is_handed_on(stage: Stage, event: str, status: int) -> None:
    await stage.show(mesh(routes={"all": to("blue", rule=retrying(httpRetryEvents=[event]))}))
    stage.apps["blue"].reply = first(1, Reply(status))
    assert (await ask(stage)).status == status
    assert len(stage.apps["blue"].seen) == 1


@pytest.mark.parametrize("event", ["server-error", "gateway-error"])
async def test_retries_do_not_miss_a_reset_connection(stage: Stage, event: str) -> None:
    """App Mesh roadmap issue 284: tasks that were scaled in took requests with them."""
    outside = node("outside", "http")
    rule = retrying(httpRetryEvents=[event])
    await stage.show(mesh(nodes={"blue": outside}, routes={"all": to("blue", rule=rule)}))
    stage.apps["outside"].reply = first(2, Reply(is_reset=True))
    assert (await ask(stage)).who == "outside"
    assert len(stage.apps["outside"].seen) == 3


@pytest.mark.shows("HttpRetryPolicy.tcpRetryEvents")
async def test_a_connection_that_is_refused_is_tried_again_and_an_answer_is_not(stage: Stage) -> None:
    """Of two addresses one answers: nobody listens on the other machine's port."""
    stage.names["two.test"] = [stage.machines["outside"].address, stage.wire.address]
    rule = retrying(tcpRetryEvents=["connection-error"])
    await stage.show(mesh(nodes={"blue": several("two.test")}, routes={"all": to("blue", rule=rule)}))
    assert [(await ask(stage)).who for _ in range(4)] == ["outside"] * 4
    assert await stage.envoys["front"].stat("cluster.cds_egress_shop_blue_http_8080.upstream_rq_retry") > 0
    stage.apps["outside"].forget()
    stage.apps["outside"].reply = always(Reply(503))
    assert (await ask(stage)).status == 503
    assert len(stage.apps["outside"].seen) == 1


@pytest.mark.shows("HttpRetryPolicy.httpRetryEvents")
async def test_a_stream_that_is_refused_is_tried_again(stage: Stage) -> None:
    """`stream-error` is a refused stream of HTTP/2: the server says that it has not looked at the request."""
    rule = retrying(httpRetryEvents=["stream-error"])
    nodes = {"blue": node("outside", "http2")}
    await stage.show(mesh("http2", nodes=nodes, routes={"all": to("blue", "http2", rule=rule)}))
    stage.apps["outside"].reply = first(2, Reply(is_refused=True))
    assert (await stage.front.http2("http://orders.test/")).who == "outside"
    assert len(stage.apps["outside"].seen) == 3
    stage.apps["outside"].reply = first(1, Reply(is_reset=True))
    assert (await stage.front.http2("http://orders.test/")).status == 503


@pytest.mark.shows("HttpRetryPolicy.maxRetries")
@pytest.mark.parametrize("times", [0, 1, 4])
async def test_a_request_is_tried_again_as_often_as_asked(stage: Stage, times: int) -> None:
    rule = retrying(times, httpRetryEvents=["gateway-error"])
    await stage.show(mesh(routes={"all": to("blue", rule=rule)}))
    stage.apps["blue"].reply = always(Reply(503))
    assert (await ask(stage)).status == 503
    assert len(stage.apps["blue"].seen) == 1 + times


@pytest.mark.shows("HttpRetryPolicy.perRetryTimeout")
async def test_a_try_that_takes_too_long_is_followed_by_the_next(stage: Stage) -> None:
    rule = retrying(2, SOON, httpRetryEvents=["gateway-error"])
    await stage.show(mesh(routes={"all": to("blue", rule=rule)}))
    with holding(stage.apps["blue"], most=1):
        assert (await ask(stage)).who == "blue"
    assert len(stage.apps["blue"].seen) == 2


@pytest.mark.shows("HttpRetryPolicy.perRetryTimeout")
async def test_the_last_try_that_takes_too_long_is_a_gateway_timeout(stage: Stage) -> None:
    rule = retrying(1, SOON, httpRetryEvents=["gateway-error"])
    await stage.show(mesh(routes={"all": to("blue", rule=rule)}))
    with holding(stage.apps["blue"]):
        assert (await ask(stage)).status == 504
    assert len(stage.apps["blue"].seen) == 2


async def test_the_next_try_goes_to_another_endpoint(stage: Stage) -> None:
    stage.names["pair.test"] = [stage.machines[name].address for name in ("blue", "green")]
    rule = retrying(1, httpRetryEvents=["gateway-error"])
    await stage.show(mesh(nodes={"blue": several("pair.test")}, routes={"all": to("blue", rule=rule)}))
    stage.apps["blue"].reply = always(Reply(503))
    assert [(await ask(stage)).who for _ in range(10)] == ["green"] * 10
    assert len(stage.apps["blue"].seen) > 0


@pytest.mark.parametrize("provider", ["a route", "a node"])
async def test_by_default_503_is_tried_twice_more_and_500_is_not(stage: Stage, provider: str) -> None:
    await stage.show(by_default(provider))
    stage.apps["blue"].reply = always(Reply(503))
    assert (await called(stage, provider)).status == 503
    assert len(stage.apps["blue"].seen) == 3
    stage.apps["blue"].forget()
    stage.apps["blue"].reply = always(Reply(500))
    assert (await called(stage, provider)).status == 500
    assert len(stage.apps["blue"].seen) == 1


async def test_by_default_a_reset_connection_is_tried_again(stage: Stage) -> None:
    await stage.show(mesh(nodes={"blue": node("outside", "http")}))
    stage.apps["outside"].reply = first(2, Reply(is_reset=True))
    assert (await ask(stage)).who == "outside"


async def test_by_default_a_connection_that_is_refused_is_tried_again(stage: Stage) -> None:
    stage.names["two.test"] = [stage.machines["outside"].address, stage.wire.address]
    await stage.show(mesh(nodes={"blue": several("two.test")}))
    assert [(await ask(stage)).who for _ in range(4)] == ["outside"] * 4


async def test_nothing_is_tried_again_on_the_way_in(stage: Stage) -> None:
    await stage.show(mesh())
    stage.apps["blue"].reply = always(Reply(503))
    assert (await stage.outside.http(f"http://blue.test:{HTTP}/")).status == 503
    assert len(stage.apps["blue"].seen) == 1


@pytest.mark.shows("GrpcRoute.retryPolicy", "GrpcRetryPolicy.grpcRetryEvents", "GrpcRetryPolicy.maxRetries")
@pytest.mark.parametrize(
    ("event", "code"),
    [
        ("cancelled", grpc.StatusCode.CANCELLED),
        ("deadline-exceeded", grpc.StatusCode.DEADLINE_EXCEEDED),
        ("internal", grpc.StatusCode.INTERNAL),
        ("resource-exhausted", grpc.StatusCode.RESOURCE_EXHAUSTED),
        ("unavailable", grpc.StatusCode.UNAVAILABLE),
    ],
)
async def test_a_grpc_status_of_the_event_is_tried_again(
    stage: Stage, event: str, code: grpc.StatusCode
) -> None:
    rule = retrying(1, grpcRetryEvents=[event])
    await stage.show(mesh("grpc", routes={"all": to("blue", "grpc", rule=rule)}))
    stage.apps["blue"].reply = first(1, Reply(grpc_status=code))
    assert (await stage.front.grpc("orders.test", "/shop.Orders/List")).who == "blue"
    assert len(stage.apps["blue"].seen) == 2
    stage.apps["blue"].forget()
    stage.apps["blue"].reply = always(Reply(grpc_status=grpc.StatusCode.NOT_FOUND))
    answer = await stage.front.grpc("orders.test", "/shop.Orders/List")
    assert answer.headers["grpc-status"] == "NOT_FOUND"
    assert len(stage.apps["blue"].seen) == 1


@pytest.mark.shows("GrpcRetryPolicy.perRetryTimeout", "GrpcRetryPolicy.httpRetryEvents")
async def test_a_grpc_try_that_takes_too_long_is_followed_by_the_next(stage: Stage) -> None:
    rule = retrying(2, SOON, httpRetryEvents=["gateway-error"])
    await stage.show(mesh("grpc", routes={"all": to("blue", "grpc", rule=rule)}))
    with holding(stage.apps["blue"], most=1):
        assert (await stage.front.grpc("orders.test", "/shop.Orders/List")).who == "blue"
    assert len(stage.apps["blue"].seen) == 2


@pytest.mark.shows("GrpcRetryPolicy.tcpRetryEvents")
async def test_a_grpc_connection_that_is_refused_is_tried_again(stage: Stage) -> None:
    stage.names["two.test"] = [stage.machines["outside"].address, stage.wire.address]
    rule = retrying(tcpRetryEvents=["connection-error"])
    nodes = {"blue": several("two.test", "grpc")}
    await stage.show(mesh("grpc", nodes=nodes, routes={"all": to("blue", "grpc", rule=rule)}))
    for _ in range(4):
        assert (await stage.front.grpc("orders.test", "/shop.Orders/List")).who == "outside"


async def test_by_default_grpc_unavailable_is_tried_twice_more_and_internal_is_not(stage: Stage) -> None:
    await stage.show(mesh("grpc"))
    for code, tries in ((grpc.StatusCode.UNAVAILABLE, 3), (grpc.StatusCode.INTERNAL, 1)):
        stage.apps["blue"].forget()
        stage.apps["blue"].reply = always(Reply(grpc_status=code))
        answer = await stage.front.grpc("orders.test", "/shop.Orders/List")
        assert answer.headers["grpc-status"] == code.name
        assert len(stage.apps["blue"].seen) == tries


async def test_the_applications_own_words_about_retries_and_timeouts_are_not_ignored(stage: Stage) -> None:
    """App Mesh roadmap issue 404: `x-envoy-*` headers of applications had no effect inside the mesh."""
    await stage.show(mesh())
    stage.apps["blue"].reply = always(Reply(500))
    headers = {"x-envoy-retry-on": "5xx", "x-envoy-max-retries": "4"}
    assert (await stage.front.http("http://orders.test/", headers=headers)).status == 500
    assert len(stage.apps["blue"].seen) == 5
    headers = {"x-envoy-upstream-rq-timeout-ms": "200"}
    with holding(stage.apps["blue"]):
        assert (await stage.front.http("http://orders.test/", headers=headers)).status == 504


async def test_what_an_application_forwards_of_its_caller_arrives_as_it_was(stage: Stage) -> None:
    """Trusting the application must not make it the edge: it hands on what it was given."""
    await stage.show(mesh(nodes={"blue": node("outside", "http")}))
    forwarded = {"x-forwarded-for": "192.0.2.1", "x-forwarded-proto": "https", "x-request-id": "1"}
    for headers in (forwarded, {**forwarded, "x-forwarded-for": "192.0.2.1, 10.0.0.1"}):
        answer = await stage.front.http("http://orders.test/", headers=headers)
        assert {name: answer.sent(name)[0] for name in headers} == headers
    assert (await ask(stage)).sent("x-forwarded-for") == []


async def test_a_callers_words_about_retries_and_timeouts_are_ignored_on_the_way_in(stage: Stage) -> None:
    await stage.show(mesh())
    stage.apps["blue"].reply = first(1, Reply(500))
    headers = {"x-envoy-retry-on": "5xx", "x-envoy-max-retries": "4"}
    answer = await stage.outside.http(f"http://blue.test:{HTTP}/", headers=headers)
    assert (answer.status, len(stage.apps["blue"].seen)) == (500, 1)


async def test_as_many_requests_as_fail_at_once_are_tried_again_at_once(stage: Stage) -> None:
    """Envoy's own limit is three retries at a time; App Mesh set none."""
    await stage.show(mesh())
    with holding(stage.apps["blue"], Reply(503), most=30) as held:
        asking = [asyncio.ensure_future(ask(stage)) for _ in range(30)]
        await held.are(30)
    assert [answer.status for answer in await asyncio.gather(*asking)] == [200] * 30


async def test_a_connection_of_tcp_is_never_tried_again(stage: Stage) -> None:
    await stage.show(mesh("tcp"))
    stage.apps["blue"].reply = first(1, Reply(is_reset=True))
    assert await stage.front.tcp("orders.test", 80, b"hello") in ("ConnectionResetError", "closed")
    assert len(stage.apps["blue"].seen) == 1


def several(name: str, protocol: str = "http") -> Spec:
    """A node with every address of a name as an endpoint."""
    found = {"dns": {"hostname": name, "responseType": "ENDPOINTS"}}
    return {"listeners": [listener(protocol)], "serviceDiscovery": found}


def by_default(provider: str) -> Spec:
    """A service that says nothing about retries."""
    if provider == "a route":
        return mesh()
    return mesh(services={"orders.test": {"provider": {"virtualNode": {"virtualNodeName": "blue"}}}})


async def called(stage: Stage, provider: str) -> Answer:
    """One request to it; a node is called where it listens."""
    return await stage.front.http(f"http://orders.test:{80 if provider == 'a route' else HTTP}/")
