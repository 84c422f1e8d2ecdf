"""What is told in the words of 2018-10-01 and written back in them changes nothing."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gossamer.api.preview import node, route
from gossamer.api.preview.router import layout, listening
from gossamer.model.kind import Kind
from gossamer.model.route import RouteSpec
from gossamer.model.virtual_node import VirtualNodeSpec
from tests.support.full_specs import FULL

PROTOCOLS = ("http", "http2", "grpc", "tcp")
NAMES = st.sampled_from(["a.local", "b.local", "c.local"])


@st.composite
def listeners(draw: st.DrawFn) -> list[dict[str, Any]]:
    ports = draw(st.lists(st.integers(1, 9), unique=True, max_size=4))
    found = []
    for port in ports:
        protocol = draw(st.sampled_from(PROTOCOLS))
        one: dict[str, Any] = {"portMapping": {"port": port, "protocol": protocol}}
        if draw(st.booleans()):
            one["timeout"] = {protocol: {"idle": {"unit": "s", "value": draw(st.integers(0, 9))}}}
        found.append(one)
    return found


@st.composite
def nodes(draw: st.DrawFn) -> VirtualNodeSpec:
    spec: dict[str, Any] = {"listeners": draw(listeners())}
    if spec["listeners"]:
        dns = {"dns": {"hostname": "n.local", "responseType": "ENDPOINTS"}}
        cloud_map = {"awsCloudMap": {"namespaceName": "n", "serviceName": "s"}}
        spec["serviceDiscovery"] = draw(st.sampled_from([dns, cloud_map]))
    else:
        del spec["listeners"]
    names = draw(st.lists(NAMES, unique=True))
    spec["backends"] = [{"virtualService": {"virtualServiceName": name}} for name in names]
    if draw(st.booleans()):
        spec["logging"] = {"accessLog": {"file": {"path": "/dev/stdout"}}}
    return VirtualNodeSpec.from_json(json.dumps(spec))


@given(nodes())
def test_a_node_that_is_read_and_written_back_is_the_same(spec: VirtualNodeSpec) -> None:
    assert node.written(node.shown(spec), spec) == spec


@given(nodes(), nodes())
def test_a_node_is_what_was_asked_for_whatever_stood_there(
    asked: VirtualNodeSpec, before: VirtualNodeSpec
) -> None:
    words = node.shown(asked)
    found = node.shown(node.written(words, before))
    assert (found.listeners or (), found.backends, found.service_discovery) == (
        words.listeners or (),
        words.backends,
        words.service_discovery,
    )


def test_a_full_node_and_a_full_route_lose_nothing() -> None:
    full = VirtualNodeSpec.from_json(json.dumps(FULL[Kind.VIRTUAL_NODE]))
    assert node.written(node.shown(full), full) == full


def http_route(*targets: tuple[str, int | None], **match: object) -> RouteSpec:
    weighted = [
        {"virtualNode": name, "weight": 1} | ({} if port is None else {"port": port})
        for name, port in targets
    ]
    rule = {"match": {"prefix": "/", **match}, "action": {"weightedTargets": weighted}}
    return RouteSpec.from_json(json.dumps({"httpRoute": rule}))


def on(*ports: int) -> VirtualNodeSpec:
    found = [{"portMapping": {"port": port, "protocol": "http"}} for port in ports]
    discovery = {"dns": {"hostname": "n.local"}}
    return VirtualNodeSpec.from_json(json.dumps({"listeners": found, "serviceDiscovery": discovery}))


def test_a_route_keeps_the_port_of_each_target_that_stays() -> None:
    before = http_route(("a", 1), ("a", 2), ("b", 3))
    words = route.shown(http_route(("b", None), ("a", None), ("c", None)))
    assert words is not None
    assert route.written(words, before) == http_route(("b", 3), ("a", 1), ("c", None))


def test_a_router_whose_routes_lead_to_one_port_listens_there_and_its_routes_name_none() -> None:
    found = layout({"x": http_route(("a", None)), "y": http_route(("b", None))}, {"a": on(80), "b": on(80)})
    assert (found.ports, dict(found.routes)) == ((80,), {"x": None, "y": None})


def test_with_several_ports_every_route_names_its_own() -> None:
    routes = {
        "x": http_route(("none", None), ("a", None)),
        "y": http_route(("b", None)),
        "z": http_route(("no", 1)),
    }
    found = layout(routes, {"a": on(90), "b": on(80)})
    assert (found.ports, dict(found.routes)) == ((80, 90), {"x": 90, "y": 80, "z": 80})


def test_a_router_without_a_port_to_listen_on_has_no_listeners() -> None:
    assert layout({"x": http_route(("a", None))}, {}).ports == ()
    assert listening(()).listeners is None
