"""What a gateway changes of a request, seen by the application behind it."""

from typing import Any

import pytest

from tests.support.calling import Answer
from tests.support.stage import Stage
from tests.support.stage_mesh import GATE, Spec, into, listener, mesh, router, to

DISABLED = {"hostname": {"defaultTargetHostname": "DISABLED"}}
SERVICE = "x-app-mesh-virtual-service"


async def ask(stage: Stage, path: str = "/", **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await stage.outside.http(f"http://gate.test:{GATE}{path}", headers=named)


async def shown(stage: Stage, rewrite: Spec | None = None, **match: Any) -> None:
    await stage.show(mesh(entries={"it": into("orders.test", rewrite=rewrite, **match)}))


@pytest.mark.parametrize(
    ("prefix", "asked", "seen"),
    [
        ("/chapter", "/chapter/page?x=1", "/page?x=1"),
        ("/chapter", "/chapter", "/"),
        ("/chapter", "/chapter/", "/"),
        # Known of the managed service, roadmap issue 247.
        ("/chapter", "/chapter1", "/1"),
        ("/chapter/", "/chapter/page", "/page"),
        ("/", "/any/path", "/any/path"),
    ],
)
@pytest.mark.shows("HttpGatewayRouteMatch.prefix")
async def test_a_matched_prefix_becomes_a_slash_by_default(
    stage: Stage, prefix: str, asked: str, seen: str
) -> None:
    await shown(stage, prefix=prefix)
    assert (await ask(stage, asked)).path == seen


@pytest.mark.shows("HttpGatewayRouteRewrite.prefix", "HttpGatewayRoutePrefixRewrite.defaultPrefix")
async def test_a_matched_prefix_stays_where_the_default_is_disabled(stage: Stage) -> None:
    await shown(stage, {"prefix": {"defaultPrefix": "DISABLED"}}, prefix="/chapter")
    assert (await ask(stage, "/chapter/page?x")).path == "/chapter/page?x"
    assert (await ask(stage, "/chapter")).path == "/chapter"


@pytest.mark.parametrize(
    ("prefix", "asked", "seen"),
    [
        ("/maroon/", "/maroon/tell?x", "/red/tell?x"),
        ("/maroon", "/maroon", "/red/"),
        ("/maroon", "/maroon/tell", "/red/tell"),
    ],
)
@pytest.mark.shows("HttpGatewayRoutePrefixRewrite.value")
async def test_a_matched_prefix_becomes_what_is_written(
    stage: Stage, prefix: str, asked: str, seen: str
) -> None:
    await shown(stage, {"prefix": {"value": "/red/"}}, prefix=prefix)
    assert (await ask(stage, asked)).path == seen


@pytest.mark.shows("HttpGatewayRouteRewrite.path", "HttpGatewayRoutePathRewrite.exact")
async def test_a_whole_path_becomes_what_is_written(stage: Stage) -> None:
    await shown(stage, {"path": {"exact": "/new"}}, path={"exact": "/old"})
    assert (await ask(stage, "/old?x=1")).path == "/new?x=1"
    await shown(stage, {"path": {"exact": "/newer"}}, path={"regex": "/(a|ab)+/?"})
    assert (await ask(stage, "/abab/?x=1")).path == "/newer?x=1"
    await shown(stage, {"path": {"exact": "/new"}}, hostname={"exact": "gate.test"})
    assert (await ask(stage, "/any/thing?x")).path == "/new?x"


async def test_whatever_may_be_written_arrives(stage: Stage) -> None:
    visible = "".join(map(chr, range(0x21, 0x7F))).replace("#", "")
    await shown(stage, {"path": {"exact": f"/{visible}"}}, path={"exact": "/old"})
    assert (await ask(stage, "/old")).who == "blue"


async def test_a_path_that_is_matched_whole_stays_by_default(stage: Stage) -> None:
    await shown(stage, path={"exact": "/old"})
    assert (await ask(stage, "/old?x")).path == "/old?x"


async def test_the_host_becomes_the_services_name_by_default(stage: Stage) -> None:
    await shown(stage)
    answer = await ask(stage, host="shop.example")
    assert answer.sent("host") == ["orders.test"]
    assert answer.sent(SERVICE) == []


@pytest.mark.shows(
    "HttpGatewayRouteRewrite.hostname",
    "GatewayRouteHostnameRewrite.defaultTargetHostname",
    "HttpGatewayRouteAction.rewrite",
)
async def test_the_host_stays_where_the_default_is_disabled_and_a_header_names_the_service(
    stage: Stage,
) -> None:
    await shown(stage, DISABLED)
    answer = await ask(stage, host="shop.example")
    assert (answer.who, answer.sent("host")) == ("blue", ["shop.example"])
    assert answer.sent(SERVICE) == ["orders.test"]
    assert SERVICE not in answer.headers


async def test_a_client_cannot_choose_the_service_by_the_header_itself(stage: Stage) -> None:
    written = mesh(
        routes={"all": to("blue")},
        entries={"it": into("orders.test", rewrite=DISABLED), "other": into("stock.test", prefix="/stock")},
        services={"stock.test": {"provider": {"virtualNode": {"virtualNodeName": "green"}}}},
    )
    await stage.show(written)
    answer = await ask(stage, **{SERVICE: "stock.test"})
    assert (answer.who, answer.sent(SERVICE)) == ("blue", ["orders.test"])
    assert (await ask(stage, "/stock", **{SERVICE: "orders.test"})).who == "green"


async def test_two_services_keep_the_clients_host_side_by_side(stage: Stage) -> None:
    written = mesh(
        entries={
            "a": into("orders.test", rewrite=DISABLED, prefix="/a"),
            "b": into("stock.test", rewrite=DISABLED, prefix="/b"),
        },
        services={"stock.test": {"provider": {"virtualNode": {"virtualNodeName": "green"}}}},
    )
    await stage.show(written)
    assert (await ask(stage, "/a")).who == "blue"
    assert (await ask(stage, "/b")).who == "green"


@pytest.mark.shows("GrpcGatewayRouteAction.rewrite", "GrpcGatewayRouteRewrite.hostname")
async def test_the_host_of_a_call_is_rewritten_or_stays(stage: Stage) -> None:
    await stage.show(mesh("grpc"))
    await stage.outside.grpc("gate.test", "/a.S/M", port=GATE)
    await stage.show(mesh("grpc", entries={"it": into("orders.test", "grpc", rewrite=DISABLED)}))
    kept = await stage.outside.grpc("gate.test", "/a.S/M", port=GATE)
    assert (kept.status, kept.sent(SERVICE)) == (200, ["orders.test"])


@pytest.mark.parametrize("rewrite", [None, DISABLED], ids=["rewritten", "kept"])
@pytest.mark.shows("GatewayRouteTarget.port")
async def test_the_port_of_a_target_chooses_the_listener_of_the_services_provider(
    stage: Stage, rewrite: Spec | None
) -> None:
    written = mesh(
        routes={"a": to("blue", prefix="/", port=80), "b": to("green", prefix="/", port=81)},
        routers={"orders": router((80, "http"), (81, "http"))},
        entries={
            "a": into("orders.test", prefix="/a", target_port=80, rewrite=rewrite),
            "b": into("orders.test", prefix="/b", target_port=81, rewrite=rewrite),
        },
    )
    await stage.show(written)
    first, second = await ask(stage, "/a/x"), await ask(stage, "/b/x")
    assert (first.who, second.who) == ("blue", "green")
    assert [name for name, _ in first.seen["headers"] if "service-port" in name] == []
    assert first.path == "/x"


async def test_a_rewritten_request_meets_the_services_own_routes(stage: Stage) -> None:
    await stage.show(
        mesh(
            routes={"deep": to("green", prefix="/deep"), "rest": to("blue")},
            entries={"it": into("orders.test", prefix="/shop")},
            gateways={"gate": {"listeners": [listener("http", GATE)]}},
        )
    )
    assert (await ask(stage, "/shop/deep/x")).who == "green"
    assert (await ask(stage, "/shop/x")).who == "blue"
