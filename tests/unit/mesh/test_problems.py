"""What cannot work is told in plain words, with what was probably meant."""

from typing import Any

from gossamer.mesh.problems import problems
from tests.support.goldens import mesh_of

NODE = {
    "listeners": [{"portMapping": {"port": 80, "protocol": "http"}}],
    "serviceDiscovery": {"dns": {"hostname": "n.local"}},
}


def told(**written: Any) -> list[str]:
    return [f"{one.ref.name} {one.why}" for one in problems(mesh_of(written))]


def test_a_backend_without_a_service_names_the_likely_one() -> None:
    backend = {"virtualService": {"virtualServiceName": "serviceB.simpleapp.local"}}
    provider = {"provider": {"virtualNode": {"virtualNodeName": "b"}}}
    found = told(nodes={"a": {"backends": [backend]}, "b": NODE}, services={"serviceB": provider})
    assert found == ["a backend serviceB.simpleapp.local does not exist: did you mean serviceB?"]


def test_missing_providers_and_targets_are_named() -> None:
    target = {"virtualNode": "nobody", "weight": 1}
    route = {"httpRoute": {"match": {"prefix": "/"}, "action": {"weightedTargets": [target]}}}
    found = told(
        services={"s": {"provider": {"virtualRouter": {"virtualRouterName": "none"}}}, "t": {}},
        routers={"r": {"listeners": NODE["listeners"]}, "empty": {"listeners": NODE["listeners"]}},
        routes={"r/x": route},
    )
    assert found == [
        "s provider none does not exist",
        "t has no provider, so nothing answers for it",
        "empty has no routes, so its services answer 404",
        "x target nobody does not exist",
    ]


def test_ports_that_cannot_be_shared_are_named() -> None:
    tcp = {**NODE, "listeners": [{"portMapping": {"port": 80, "protocol": "tcp"}}]}
    backends = [{"virtualService": {"virtualServiceName": name}} for name in ("s.a", "s.b")]
    provider = {name: {"provider": {"virtualNode": {"virtualNodeName": name[-1]}}} for name in ("s.a", "s.b")}
    found = told(nodes={"c": {"backends": backends}, "a": NODE, "b": tcp}, services=provider)
    assert found == ["c port 80 is TCP for s.b and HTTP for s.a: only HTTP is served"]


def test_a_mesh_that_works_has_no_problems() -> None:
    assert told(nodes={"a": NODE}) == []


def listening(*ports: tuple[int, str]) -> list[Any]:
    return [{"portMapping": {"port": port, "protocol": protocol}} for port, protocol in ports]


def routed(route: dict[str, Any], *ports: tuple[int, str], **nodes: Any) -> list[str]:
    """What is told of a route `x` in a router that listens on ports of http, 80 unless others are named."""
    listeners = listening(*(ports or ((80, "http"),)))
    return told(nodes={"n": NODE, **nodes}, routers={"r": {"listeners": listeners}}, routes={"r/x": route})


def to(*targets: dict[str, Any], kind: str = "httpRoute", **match: Any) -> dict[str, Any]:
    rule: dict[str, Any] = {"action": {"weightedTargets": list(targets)}}
    if kind != "tcpRoute":
        rule["match"] = match or {"prefix": "/"}
    return {kind: rule}


ONE = {"virtualNode": "n", "weight": 1}


def test_a_route_of_another_type_than_its_router_is_named() -> None:
    assert routed(to(ONE, kind="http2Route")) == [
        "x is of another type than the listeners of its router (http), so it is not used"
    ]


def test_a_route_for_a_port_that_its_router_has_not_is_named() -> None:
    assert routed(to(ONE, prefix="/", port=81), (80, "http"), (82, "http")) == [
        "x is for port 81, which is none of its router's (80, 82), so it is not used"
    ]


def test_a_route_of_zero_weights_is_named() -> None:
    nothing = {"virtualNode": "n", "weight": 0}
    assert routed(to(nothing)) == ["x has weights of 0 alone, so it sends nothing on, and answers 503"]


def test_a_target_that_mixes_tcp_and_http_is_named() -> None:
    tcp = {**NODE, "listeners": listening((9, "tcp"))}
    assert routed(to({"virtualNode": "t", "weight": 1}), t=tcp) == [
        "x is of http and its target t speaks tcp on port 9"
    ]
    assert routed(to(ONE, kind="tcpRoute"), (80, "tcp")) == [
        "x is of tcp and its target n speaks http on port 80"
    ]


def test_a_port_of_a_target_is_named_where_it_is_missing_or_wrong() -> None:
    two = {**NODE, "listeners": listening((1, "http"), (2, "http"))}
    assert routed(to({"virtualNode": "t", "weight": 1}), t=two) == [
        "x target t has several listeners (1, 2) and the target names no port"
    ]
    assert routed(to({"virtualNode": "t", "weight": 1, "port": 3}), t=two) == [
        "x target t has no listener on port 3: it has 1, 2"
    ]
    assert routed(to({"virtualNode": "t", "weight": 1}), t={}) == [
        "x target t has no listener, so nothing can be sent to it"
    ]


def test_a_router_without_listeners_is_named() -> None:
    assert told(routers={"r": {"listeners": []}}, routes={"r/x": to(ONE)}, nodes={"n": NODE}) == [
        "r has no listener, so nobody can call its services"
    ]


def test_services_that_differ_by_case_alone_are_named() -> None:
    backends = [{"virtualService": {"virtualServiceName": name}} for name in ("s.a", "S.a")]
    provider = {"provider": {"virtualNode": {"virtualNodeName": "n"}}}
    found = told(nodes={"c": {"backends": backends}, "n": NODE}, services={"s.a": provider, "S.a": provider})
    assert found == ["c port 80: s.a and S.a are one host, only S.a is served"]


def test_a_name_in_another_case_is_what_was_meant() -> None:
    assert routed(to({"virtualNode": "N", "weight": 1})) == ["x target N does not exist: did you mean n?"]


def entered(
    route: dict[str, Any] | None, *ports: tuple[int, str], provider: dict[str, Any] = NODE
) -> list[str]:
    """What is told of a gateway `g` with a gateway route `x`, and of the service `s` behind it."""
    return told(
        nodes={"n": provider},
        services={"s": {"provider": {"virtualNode": {"virtualNodeName": "n"}}}},
        gateways={"g": {"listeners": listening(*(ports or ((8080, "http"),)))}},
        gateway_routes={} if route is None else {"g/x": route},
    )


def into(
    service: str = "s", to_port: int | None = None, kind: str = "httpRoute", **match: Any
) -> dict[str, Any]:
    target = {"virtualService": {"virtualServiceName": service}} | (
        {} if to_port is None else {"port": to_port}
    )
    return {kind: {"match": match or {"prefix": "/"}, "action": {"target": target}}}


def test_a_gateway_that_works_has_no_problems() -> None:
    assert entered(into()) == []


def test_a_gateway_without_gateway_routes_is_named() -> None:
    assert entered(None) == ["g has no gateway routes, so it answers 404"]


def test_a_gateway_on_the_port_of_its_own_way_out_is_named() -> None:
    assert entered(into(), (15001, "http")) == ["g listens on port 15001, which its Envoy needs for itself"]


def test_a_health_check_of_a_gateway_is_named_as_one_that_nobody_makes() -> None:
    check = {"healthyThreshold": 2, "unhealthyThreshold": 2, "intervalMillis": 5000, "timeoutMillis": 2000}
    listeners = [{**listening((80, "http"))[0], "healthCheck": {"protocol": "http", **check}}]
    found = told(gateways={"g": {"listeners": listeners}})
    assert found[0].startswith("g has a health check on port 80, which nobody makes")


def test_a_gateway_route_that_cannot_be_used_is_named() -> None:
    assert entered(into(kind="http2Route")) == [
        "x is of another type than the listeners of its gateway (http), so it is not used"
    ]
    assert entered(into(prefix="/", port=9)) == [
        "x is for port 9, which is none of its gateway's (8080), so it is not used"
    ]


def test_a_gateway_routes_target_that_cannot_be_reached_is_named() -> None:
    assert entered(into("s.local")) == ["x target s.local does not exist: did you mean s?"]
    assert entered(into(to_port=81)) == ["x target s has no port 81: it has 80"]
    two = {**NODE, "listeners": listening((1, "http"), (2, "http2"))}
    assert entered(into(), provider=two) == [
        "x target s has several ports (1, 2) and the target names none, so it answers 404"
    ]
    tcp = {**NODE, "listeners": listening((1, "tcp"))}
    assert entered(into(), provider=tcp) == ["x target s speaks TCP, which gateways do not"]
