"""Every rule finds what it is for, and nothing in a mesh in which that was put right."""

import copy
import datetime
from collections.abc import Callable
from typing import Any

import pytest

from gossamer.analysis.analysis import Known, analysed
from gossamer.analysis.document import document
from gossamer.analysis.expiry import Validity
from gossamer.analysis.rule import PROBLEMS, RULES
from gossamer.mesh.problem import Trouble
from gossamer.mesh.problems import problems
from tests.support.goldens import mesh_of

Json = dict[str, Any]
NOW = datetime.datetime(2026, 11, 1, tzinfo=datetime.UTC)
ARN = "arn:aws:acm:us-west-2:123456789012:certificate/1"


def listening(port: int, protocol: str = "http", **more: Any) -> list[Json]:
    return [{"portMapping": {"port": port, "protocol": protocol}, **more}]


def node(port: int, protocol: str = "http", **more: Any) -> Json:
    return {
        "listeners": listening(port, protocol, **more),
        "serviceDiscovery": {"dns": {"hostname": "n.local"}},
    }


def weighted(*targets: tuple[str, int]) -> Json:
    return {"weightedTargets": [{"virtualNode": name, "weight": weight} for name, weight in targets]}


def shop() -> Json:
    """A mesh in which there is nothing to find but that the callee calls nobody."""
    return {
        "nodes": {
            "front": {"backends": [{"virtualService": {"virtualServiceName": "s.local"}}]},
            "v": node(8080),
        },
        "services": {"s.local": {"provider": {"virtualRouter": {"virtualRouterName": "r"}}}},
        "routers": {"r": {"listeners": listening(80)}},
        "routes": {"r/all": {"httpRoute": {"match": {"prefix": "/"}, "action": weighted(("v", 1))}}},
    }


def found(written: Json) -> list[str]:
    """What is found in a mesh, but for notes on who calls nobody."""
    mesh = mesh_of(written)
    day = datetime.timedelta(days=1)
    known = Known(problems(mesh), NOW, {ARN: Validity(NOW - 300 * day, NOW + written.get("left", 90) * day)})
    listed = analysed(mesh, known)
    return [f"{one.rule.id}: {one.resource} {one.why}" for one in listed if one.rule.id != "no-backends"]


def test_a_mesh_that_is_well_has_no_findings() -> None:
    assert found(shop()) == []


def dangling(mesh: Json) -> None:
    mesh["routes"]["r/all"]["httpRoute"]["action"] = weighted(("w", 1))


def on_the_proxys_port(mesh: Json) -> None:
    mesh["nodes"]["v"] = node(15000)


def gateway_on_the_admin_port(mesh: Json) -> None:
    mesh["gateways"] = {"gate": {"listeners": listening(9901)}}
    target = {"target": {"virtualService": {"virtualServiceName": "s.local"}}}
    mesh["gateway_routes"] = {"gate/x": {"httpRoute": {"match": {"prefix": "/"}, "action": target}}}


def grpc_to_http(mesh: Json) -> None:
    mesh["routers"]["r"] = {"listeners": listening(80, "grpc")}
    mesh["routes"]["r/all"] = {"grpcRoute": {"match": {}, "action": weighted(("v", 1))}}


def asks_for_certificates(mesh: Json) -> None:
    trust = {"trust": {"file": {"certificateChain": "/ca.pem"}}}
    own = {"file": {"certificateChain": "/c", "privateKey": "/k"}}
    tls = {"mode": "STRICT", "certificate": own, "validation": trust}
    mesh["nodes"]["v"] = node(8080, tls=tls)
    mesh["nodes"]["front"]["backendDefaults"] = {"clientPolicy": {"tls": {"validation": trust}}}


def shows(mesh: Json, left: int) -> None:
    tls = {"mode": "PERMISSIVE", "certificate": {"acm": {"certificateArn": ARN}}}
    mesh["gateways"] = {"gate": {"listeners": listening(8088, tls=tls)}}
    target = {"target": {"virtualService": {"virtualServiceName": "s.local"}}}
    mesh["gateway_routes"] = {"gate/x": {"httpRoute": {"match": {"prefix": "/"}, "action": target}}}
    mesh["left"] = left


def hidden_behind_a_wider_one(mesh: Json) -> None:
    narrow = {"prefix": "/a", "headers": [{"name": "x", "match": {"exact": "1"}}]}
    mesh["routes"]["r/all"]["priority"] = 1
    mesh["routes"]["r/narrow"] = {"priority": 2, "httpRoute": {"match": narrow, "action": weighted(("v", 1))}}


def hidden_behind_a_gateway_route(mesh: Json) -> None:
    gateway_on_the_admin_port(mesh)
    mesh["gateways"] = {"gate": {"listeners": listening(8088)}}
    route = mesh["gateway_routes"]["gate/x"]["httpRoute"]
    narrow = {**route, "match": {"path": {"exact": "/cart"}}}
    mesh["gateway_routes"] = {
        "gate/x": {"priority": 1, "httpRoute": route},
        "gate/y": {"priority": 2, "httpRoute": narrow},
    }


def named_as_no_host(mesh: Json) -> None:
    hidden_behind_a_gateway_route(mesh)
    del mesh["gateway_routes"]["gate/y"]
    target = mesh["gateway_routes"]["gate/x"]["httpRoute"]["action"]["target"]
    target["virtualService"]["virtualServiceName"] = "café.local"
    mesh["services"]["café.local"] = mesh["services"]["s.local"]


def keep_the_host(mesh: Json) -> None:
    action = mesh["gateway_routes"]["gate/x"]["httpRoute"]["action"]
    action["rewrite"] = {"hostname": {"defaultTargetHostname": "DISABLED"}}


def half_of_it_gone(mesh: Json) -> None:
    mesh["routes"]["r/all"]["httpRoute"]["action"] = weighted(("v", 90), ("w", 10))


def more_tries_than_time(mesh: Json) -> None:
    policy = {
        "maxRetries": 3,
        "perRetryTimeout": {"unit": "s", "value": 5},
        "httpRetryEvents": ["server-error"],
    }
    mesh["routes"]["r/all"]["httpRoute"]["retryPolicy"] = policy


def patient_route(mesh: Json) -> None:
    mesh["routes"]["r/all"]["httpRoute"]["timeout"] = {"perRequest": {"unit": "s", "value": 60}}


def leads_back(mesh: Json) -> None:
    mesh["nodes"]["v"]["backends"] = mesh["nodes"]["front"]["backends"]


def unused_service(mesh: Json) -> None:
    mesh["nodes"]["front"] = {}


def unused_router(mesh: Json) -> None:
    mesh["services"]["s.local"] = {"provider": {"virtualNode": {"virtualNodeName": "v"}}}


def unused_node(mesh: Json) -> None:
    mesh["nodes"]["w"] = node(80)


SHOWN: list[tuple[Callable[[Json], None], list[str]]] = [
    (
        dangling,
        [
            "dangling-name: shop/virtualRouter/r/route/all target w does not exist",
            "unused: shop/virtualNode/v has listeners, but no route and no virtual service leads to it",
        ],
    ),
    (
        on_the_proxys_port,
        ["reserved-port: shop/virtualNode/v listens on port 15000, which its proxy needs for what comes in"],
    ),
    (
        gateway_on_the_admin_port,
        [
            (
                "reserved-port: shop/virtualGateway/gate listens on port 9901, "
                "which its proxy needs for Envoy's admin interface"
            )
        ],
    ),
    (
        grpc_to_http,
        [
            (
                "grpc-over-http1: shop/virtualRouter/r/route/all is of grpc, "
                "and port 8080 of virtual node v speaks http"
            )
        ],
    ),
    (
        asks_for_certificates,
        [
            (
                "no-client-certificate: shop/virtualNode/front port 8080 of virtual node v asks for "
                "a certificate, and there is none"
            )
        ],
    ),
    (
        hidden_behind_a_wider_one,
        [
            (
                "hidden-route: shop/virtualRouter/r/route/narrow every request that it would take is "
                "taken by shop/virtualRouter/r/route/all"
            )
        ],
    ),
    (
        hidden_behind_a_gateway_route,
        [
            (
                "hidden-route: shop/virtualGateway/gate/gatewayRoute/y every request that it would take "
                "is taken by shop/virtualGateway/gate/gatewayRoute/x"
            )
        ],
    ),
    (
        named_as_no_host,
        [
            (
                "unsendable-name: shop/virtualGateway/gate/gatewayRoute/x the gateway is to send "
                "café.local as the host, which HTTP cannot carry"
            )
        ],
    ),
    (
        half_of_it_gone,
        [
            "dangling-name: shop/virtualRouter/r/route/all target w does not exist",
            (
                "lost-share: shop/virtualRouter/r/route/all of 2 targets with a weight "
                "only v can be reached: it takes all"
            ),
        ],
    ),
    (
        more_tries_than_time,
        [
            (
                "timeout-below-retries: shop/virtualRouter/r/route/all 4 tries of 5s are 20s, "
                "and the whole request may take 15s"
            )
        ],
    ),
    (
        patient_route,
        [
            (
                "callee-less-patient: shop/virtualRouter/r/route/all waits 60s, and the proxy of "
                "shop/virtualNode/v only 15s, set by the default"
            )
        ],
    ),
    (leads_back, ["calls-itself: shop/virtualNode/v has s.local as a backend, which leads to itself"]),
    (
        unused_service,
        [
            (
                "unused: shop/virtualService/s.local is no backend of any virtual node, "
                "and no gateway route leads to it"
            )
        ],
    ),
    (unused_router, ["unused: shop/virtualRouter/r is no virtual service's provider"]),
    (
        unused_node,
        ["unused: shop/virtualNode/w has listeners, but no route and no virtual service leads to it"],
    ),
]


@pytest.mark.parametrize(("spoil", "told"), SHOWN, ids=lambda one: getattr(one, "__name__", ""))
def test_a_rule_finds_what_was_spoilt(spoil: Callable[[Json], None], told: list[str]) -> None:
    mesh = shop()
    spoil(mesh)
    assert found(mesh) == told


def test_certificates_are_told_of_before_and_after_they_expire() -> None:
    told = []
    for left in (31, 29, -1):
        mesh = shop()
        shows(mesh, left)
        told.append([one.split(":")[0] for one in found(mesh) if one.startswith("certificate-")])
    assert told == [[], ["certificate-expiring"], ["certificate-expired"]]


def test_a_short_lived_certificate_is_expiring_in_its_last_third_only() -> None:
    day = Validity(NOW, NOW + datetime.timedelta(hours=24))
    assert day.notice == NOW + datetime.timedelta(hours=16)


def test_each_rule_is_silent_once_its_cause_is_gone() -> None:
    """What was spoilt is put right at the place that the rule's fix names."""
    mended: list[tuple[Callable[[Json], None], Callable[[Json], object]]] = [
        (grpc_to_http, lambda mesh: mesh["nodes"].update(v=node(8080, "http2"))),
        (hidden_behind_a_wider_one, lambda mesh: mesh["routes"]["r/narrow"].update(priority=0)),
        (patient_route, lambda mesh: mesh["nodes"].update(v=slow_node())),
        (
            more_tries_than_time,
            lambda mesh: mesh["routes"]["r/all"]["httpRoute"]["retryPolicy"].update(maxRetries=2),
        ),
        (named_as_no_host, keep_the_host),
        (half_of_it_gone, lambda mesh: mesh["nodes"].update(w=node(80))),
        (asks_for_certificates, client_certificate),
        (on_the_proxys_port, lambda mesh: mesh["nodes"].update(v=node(15002))),
    ]
    for spoil, mend in mended:
        mesh = shop()
        spoil(mesh)
        before = found(copy.deepcopy(mesh))
        mend(mesh)
        assert (bool(before), found(mesh)) == (True, []), spoil.__name__


def slow_node() -> Json:
    return node(8080, timeout={"http": {"perRequest": {"unit": "s", "value": 60}}})


def client_certificate(mesh: Json) -> None:
    policy = mesh["nodes"]["front"]["backendDefaults"]["clientPolicy"]["tls"]
    policy["certificate"] = {"file": {"certificateChain": "/c", "privateKey": "/k"}}


def test_who_can_call_nobody_is_noted_where_nothing_is_let_out() -> None:
    mesh = mesh_of(shop())
    told = [str(one.resource) for one in analysed(mesh, Known((), NOW)) if one.rule.id == "no-backends"]
    assert told == ["shop/virtualNode/v"]
    open_mesh = mesh_of({**shop(), "mesh": {"egressFilter": {"type": "ALLOW_ALL"}}})
    assert analysed(open_mesh, Known((), NOW)) == ()


def test_a_document_holds_rule_severity_and_what_to_do() -> None:
    mesh = shop()
    patient_route(mesh)
    listed: Any = document(analysed(mesh_of(mesh), Known((), NOW)))["findings"]
    one = listed[0]
    assert one["resource"] == "shop/virtualRouter/r/route/all"
    assert (one["rule"], one["severity"]) == ("callee-less-patient", "warning")
    assert one["fix"] == "Set the timeout of the target's listener to that of the route, or more."


def test_the_rules_differ_by_name_and_each_kind_of_problem_has_one() -> None:
    assert len({one.id for one in RULES}) == len(RULES)
    assert PROBLEMS.keys() == set(Trouble)


def test_problems_are_told_by_their_own_rule() -> None:
    """What there is to tell of each is shown in tests/unit/mesh; here, that it comes under its name."""
    gateway = {"gateways": {"gate": {"listeners": listening(15001)}}}
    tcp = {"routes": {"r/all": {"tcpRoute": {"action": weighted(("v", 1))}}}}
    clash = {"nodes": {**shop()["nodes"], "v": node(8080, "tcp")}}
    port = {"weightedTargets": [{"virtualNode": "v", "weight": 1, "port": 1}]}
    wrong_port = {"routes": {"r/all": {"httpRoute": {"match": {"prefix": "/"}, "action": port}}}}
    for change, ids in (
        (gateway, ["nothing-answers", "reserved-port"]),
        (tcp, ["protocol-clash", "route-not-used"]),
        (clash, ["protocol-clash"]),
        (wrong_port, ["no-such-port"]),
        ({"services": {"s.local": {}}}, ["nothing-answers", "unused"]),
    ):
        assert [one.split(":")[0] for one in found({**shop(), **change})] == ids
