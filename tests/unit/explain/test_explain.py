"""What is told of a request: which step, which resource, which member, in an operator's words."""

from typing import Any

import pytest

from gossamer.compile.fulfil import seen_by
from gossamer.compile.wish import Wishes
from gossamer.errors import InvalidSpec, NotFound
from gossamer.explain.document import document
from gossamer.explain.explain import Explanation, explained, sender_of, view_of
from gossamer.explain.request import read_request
from gossamer.mesh.data_plane import DataPlane, Fleet
from gossamer.mesh.resolve import proxy_view
from gossamer.mesh.surroundings import NOWHERE, CloudMapService, Instance, Surroundings
from gossamer.model.kind import Kind
from tests.support.goldens import mesh_of

Json = dict[str, Any]


def listening(port: int, protocol: str = "http", **more: Any) -> list[Json]:
    return [{"portMapping": {"port": port, "protocol": protocol}, **more}]


def node(port: int, protocol: str = "http", **more: Any) -> Json:
    discovery = {"dns": {"hostname": "n.local"}}
    return {"listeners": listening(port, protocol, **more), "serviceDiscovery": discovery}


def routed(match: Json, *targets: tuple[str, int], **more: Any) -> Json:
    weighted = [{"virtualNode": name, "weight": weight} for name, weight in targets]
    return {"httpRoute": {"match": match, "action": {"weightedTargets": weighted}, **more}}


CALLER = {"backends": [{"virtualService": {"virtualServiceName": "s.local"}}]}
SHOP: Json = {
    "nodes": {"front": CALLER, "v1": node(8080), "v2": node(9000)},
    "services": {"s.local": {"provider": {"virtualRouter": {"virtualRouterName": "r"}}}},
    "routers": {"r": {"listeners": listening(80)}},
    "routes": {
        "r/beta": {"priority": 1, **routed({"prefix": "/beta", "method": "GET"}, ("v2", 1))},
        "r/rest": routed({"prefix": "/"}, ("v1", 3), ("v2", 1)),
    },
}


def told(
    url: str,
    *headers: tuple[str, str],
    sender: str = "front",
    method: str = "GET",
    protocol: str = "",
    **over: Any,
) -> Explanation:
    """What is told of a request in the shop, or in one that is changed."""
    mesh = mesh_of({**SHOP, **{key: {**SHOP.get(key, {}), **value} for key, value in over.items()}})
    return explained(
        mesh, view_of(mesh, sender_of(mesh, sender)), read_request(method, url, headers, protocol)
    )


def whys(found: Explanation, stage: str) -> list[str]:
    return [f"{one.outcome.value} {one.why}" for one in found.steps if one.stage.value == stage]


def test_each_route_says_why_it_does_not_match_and_by_which_member() -> None:
    found = told("http://s.local/metrics", method="POST")
    assert whys(found, "route") == [
        (
            "skipped path /metrics does not start with /beta (httpRoute.match.prefix); "
            "the method is POST, and must be 'GET' (httpRoute.match.method)"
        ),
        "matched every condition holds (no priority)",
    ]
    assert str(found.result.route) == "shop/virtualRouter/r/route/rest"


def test_targets_are_told_with_their_shares_endpoints_and_ports() -> None:
    found = told("http://s.local/")
    assert [(str(one.resource), one.weight, one.port) for one in found.result.targets] == [
        ("shop/virtualNode/v1", 3, 8080),
        ("shop/virtualNode/v2", 1, 9000),
    ]
    assert found.result.endpoints == ("n.local:8080", "n.local:9000")
    assert whys(found, "cluster")[0].startswith("matched weight 3 of 4, 75 %: port 8080")


def test_a_timeout_is_told_with_the_member_that_set_it() -> None:
    route = routed({"prefix": "/"}, ("v1", 1), timeout={"perRequest": {"unit": "ms", "value": 250}})
    found = told("http://s.local/", routes={"r/rest": route})
    assert found.result.timeout is not None
    assert found.result.timeout.values["perRequest"] == "250ms"
    assert found.result.timeout.set_by == "shop/virtualRouter/r/route/rest spec.httpRoute.timeout.perRequest"
    assert found.result.timeout.values["idleSetBy"] == "the default"


def test_retries_are_told_with_the_member_that_set_them() -> None:
    policy = {
        "maxRetries": 0,
        "perRetryTimeout": {"unit": "s", "value": 1},
        "tcpRetryEvents": ["connection-error"],
    }
    found = told("http://s.local/", routes={"r/rest": routed({"prefix": "/"}, ("v1", 1), retryPolicy=policy)})
    member = "shop/virtualRouter/r/route/rest spec.httpRoute.retryPolicy"
    assert whys(found, "retry") == [f"matched not tried again, set by {member}"]
    default = told("http://s.local/").result.retry
    assert default is not None
    assert (default.values["maxRetries"], default.set_by) == (2, "the default")


def test_an_applications_own_patience_wins() -> None:
    found = told("http://s.local/", ("x-envoy-upstream-rq-timeout-ms", "70"))
    assert found.result.timeout is not None
    assert found.result.timeout.values["perRequest"] == "70ms"
    assert found.result.timeout.set_by == "the request's own header x-envoy-upstream-rq-timeout-ms"


def test_the_callees_own_timeout_is_told() -> None:
    slow = node(8080, timeout={"http": {"perRequest": {"unit": "s", "value": 3}}})
    said = whys(told("http://s.local/", nodes={"v1": slow}), "ingress")
    assert "its proxy waits 3s for the application, set by shop/virtualNode/v1 listener 8080" in said[1]


def test_a_port_without_a_backend_is_told_with_the_ports_that_there_are() -> None:
    found = told("http://s.local:8080/")
    assert found.result.is_closed
    assert "no backend of front is on port 8080 (ports: 80), and egress filter DROP_ALL" in found.steps[0].why
    assert "virtual service s.local is on port 80" in found.steps[0].why


def test_a_service_that_is_no_backend_is_told_to_be_added() -> None:
    other = {"t.local": {"provider": {"virtualNode": {"virtualNodeName": "v1"}}}}
    found = told("http://t.local/", services=other)
    assert found.result.status == 404
    assert (
        "virtual service t.local is there, but no backend of front: add it to its spec.backends"
        in found.steps[-1].why
    )


def test_a_host_that_nobody_has_is_told_with_the_one_that_was_meant() -> None:
    found = told("http://s/")
    assert "virtual service s does not exist: did you mean s.local?" in found.steps[-1].why


def test_egress_to_anything_is_told_to_go_past_the_mesh() -> None:
    everything = {"egressFilter": {"type": "ALLOW_ALL"}}
    mesh = mesh_of({**SHOP, "mesh": everything})
    found = explained(
        mesh, view_of(mesh, sender_of(mesh, "front")), read_request("GET", "http://example.com:81/")
    )
    assert [(one.resource, one.cluster) for one in found.result.targets] == [
        (None, "cds_egress_shop_mesh-allow-all")
    ]
    host = explained(
        mesh, view_of(mesh, sender_of(mesh, "front")), read_request("GET", "http://example.com/")
    )
    assert "egress filter ALLOW_ALL lets it out" in whys(host, "virtualHost")[0]


def test_names_of_aws_are_always_let_out() -> None:
    found = told("https://s3.us-west-2.amazonaws.com/")
    assert [one.cluster for one in found.result.targets] == ["cds_egress_shop_amazonaws"]


def test_what_the_application_encrypts_itself_cannot_be_routed() -> None:
    found = told("https://s.local:80/")
    assert found.result.is_closed
    assert "HTTP, where what is encrypted by the application itself cannot be read" in found.steps[0].why


def test_a_route_without_a_target_is_told_with_what_is_wrong_in_it() -> None:
    found = told("http://s.local/", routes={"r/rest": routed({"prefix": "/"}, ("v3", 1))})
    assert found.result.status == 503
    assert whys(found, "cluster") == ["none target v3 does not exist: answered 503"]


def test_tcp_is_told_by_port_alone() -> None:
    nodes = {
        "front": {"backends": [{"virtualService": {"virtualServiceName": "db"}}]},
        "v1": node(6379, "tcp"),
    }
    services = {"db": {"provider": {"virtualNode": {"virtualNodeName": "v1"}}}}
    found = told("tcp://db:6379", nodes=nodes, services=services)
    assert [str(one.resource) for one in found.result.targets] == ["shop/virtualNode/v1"]
    assert whys(found, "timeout") == ["matched without a byte: 3600s, set by the default"]


def enforcing(*ports: int) -> Json:
    trust = {"trust": {"file": {"certificateChain": "/ca.pem"}}}
    policy = {"tls": {"validation": trust, **({"ports": list(ports)} if ports else {})}}
    return {**CALLER, "backendDefaults": {"clientPolicy": policy}}


TLS = {"mode": "STRICT", "certificate": {"file": {"certificateChain": "/c", "privateKey": "/k"}}}


def test_tls_is_told_with_the_policy_that_asks_for_it() -> None:
    nodes = {"front": enforcing(), "v1": node(8080, tls=TLS), "v2": node(9000, tls=TLS)}
    found = told("http://s.local/", nodes=nodes).result.tls
    assert found is not None
    assert found.used
    assert found.why == (
        "backendDefaults.clientPolicy.tls asks for it; "
        "the server's certificate must be of /ca.pem, for n.local"
    )


def test_tls_without_a_policy_is_the_listeners_offer() -> None:
    found = told("http://s.local/", nodes={"v1": node(8080, tls=TLS)}).result.tls
    assert found is not None
    assert found.why == (
        "the listener offers it, and no client policy holds; the server's certificate is not checked"
    )


def test_a_policy_that_a_listener_cannot_meet_is_answered_503() -> None:
    found = told("http://s.local/", nodes={"front": enforcing()})
    assert found.result.status == 503
    assert "none the listener takes no TLS, so the handshake fails: answered 503" in whys(found, "tls")


def test_a_client_without_a_certificate_is_told_where_one_is_asked_for() -> None:
    asks = {**TLS, "validation": {"trust": {"file": {"certificateChain": "/ca"}}}}
    nodes = {"front": enforcing(), "v1": node(8080, tls=asks), "v2": node(9000, tls=asks)}
    found = told("http://s.local/", nodes=nodes)
    assert found.result.status == 503
    assert (
        "the listener asks for a client's certificate, and the client policy has none"
        in whys(found, "tls")[1]
    )


def test_no_listed_endpoint_is_answered_503() -> None:
    cloud = {"awsCloudMap": {"namespaceName": "space", "serviceName": "v"}}
    nodes = {"v1": {"listeners": listening(8080), "serviceDiscovery": cloud}}
    mesh = mesh_of({**SHOP, "nodes": {**SHOP["nodes"], **nodes}, "routes": {"r/x": routed({}, ("v1", 1))}})
    nobody = Surroundings(has_cloud_map=False)
    found = explained(
        mesh, view_of(mesh, sender_of(mesh, "front"), nobody), read_request("GET", "http://s.local/")
    )
    assert found.result.status == 503
    assert whys(found, "endpoint") == ["none Cloud Map lists no instance of v in space: answered 503"]


GATE: Json = {
    "gateways": {"gate": {"listeners": listening(8088)}},
    "gateway_routes": {
        "gate/s": {
            "httpRoute": {
                "match": {"prefix": "/shop"},
                "action": {"target": {"virtualService": {"virtualServiceName": "s.local"}}},
            }
        }
    },
}


def test_a_gateway_is_told_with_its_rewrite_and_both_of_its_hops() -> None:
    found = told("http://www.example.com/shop/cart?x=1", sender="gate", **GATE)
    assert dict(found.result.rewrite) == {"path": "/cart?x=1", "host": "s.local"}
    assert str(found.result.gateway_route) == "shop/virtualGateway/gate/gatewayRoute/s"
    assert str(found.result.route) == "shop/virtualRouter/r/route/rest"
    assert [one.routes for one in found.result.taken] == ["rds_ingress_http_8088", "rds_egress_http_15001"]


def test_a_gateway_says_which_ports_it_has_and_what_they_take() -> None:
    assert "not listen on port 81, only on 8088" in told("http://g:81/", sender="gate", **GATE).steps[0].why
    encrypted = told("https://g:8088/", sender="gate", **GATE)
    assert encrypted.steps[0].why == "port 8088 takes plain text only: the connection is closed"
    strict = {**GATE, "gateways": {"gate": {"listeners": listening(8088, tls=TLS)}}}
    plain = told("http://g:8088/shop", sender="gate", **strict)
    assert plain.steps[0].why.startswith("port 8088 takes TLS only")
    assert told("https://g/shop", sender="gate", **strict).result.targets


def test_a_gateway_without_a_route_for_a_path_answers_404() -> None:
    found = told("http://g/cart", sender="gate", **GATE)
    assert found.result.status == 404
    assert found.steps[-1].why == "none of 1 gateway routes takes it: answered 404"


def test_a_gateway_route_that_leads_nowhere_is_told_with_what_is_wrong_in_it() -> None:
    target = {"virtualService": {"virtualServiceName": "s"}}
    nowhere = {"gate/s": {"httpRoute": {"match": {"prefix": "/"}, "action": {"target": target}}}}
    found = told("http://g/", sender="gate", gateways=GATE["gateways"], gateway_routes=nowhere)
    assert found.result.status == 404
    assert "target s does not exist: did you mean s.local?" in found.steps[-1].why


def test_a_sender_is_found_by_its_bare_name_or_its_whole_one() -> None:
    mesh = mesh_of({**SHOP, **GATE})
    assert {
        str(sender_of(mesh, one)) for one in ("front", "virtualNode/front", "shop/virtualNode/front")
    } == {"shop/virtualNode/front"}
    assert sender_of(mesh, "gate").kind is Kind.VIRTUAL_GATEWAY
    with pytest.raises(
        InvalidSpec, match="from: must be a virtualGateway: gat does not exist: did you mean gate"
    ):
        sender_of(mesh, "virtualGateway/gat")
    with pytest.raises(NotFound):
        view_of(mesh, mesh.ref(Kind.VIRTUAL_NODE, "none"))


def test_a_document_leaves_out_what_has_nothing_to_say() -> None:
    closed = document(told("http://s.local:1/"))
    assert closed["result"] == {"targets": [], "endpoints": [], "closed": True}
    whole = document(told("http://s.local/"))["result"]
    assert isinstance(whole, dict)
    assert whole.keys() == {"service", "route", "targets", "timeout", "retry", "tls", "endpoints"}
    assert whole["timeout"] == {
        "perRequest": "15s",
        "idle": "300s",
        "idleSetBy": "the default",
        "setBy": "the default",
    }


def test_a_weight_of_zero_is_passed_over() -> None:
    found = told("http://s.local/", routes={"r/rest": routed({"prefix": "/"}, ("v1", 0), ("v2", 1))})
    assert whys(found, "cluster")[0].startswith("skipped weight 0: takes nothing")
    assert whys(found, "cluster")[1].startswith("matched weight 1 of 1, 100 %")


def test_a_router_whose_routes_do_not_match_answers_404() -> None:
    found = told("http://s.local/x", routes={"r/rest": routed({"path": {"exact": "/y"}}, ("v1", 1))})
    assert found.result.status == 404
    assert whys(found, "route")[1] == "skipped path /x is not /y (httpRoute.match.path.exact)"
    assert whys(found, "route")[-1] == "none none of 2 routes takes it: answered 404"


def test_conditions_of_grpc_are_told_by_service_method_and_metadata() -> None:
    match = {"serviceName": "a.S", "methodName": "Get", "metadata": [{"name": "x", "match": {"exact": "1"}}]}
    action = {"weightedTargets": [{"virtualNode": "v1", "weight": 1}]}
    grpc: Json = {
        "routers": {"r": {"listeners": listening(80, "grpc")}},
        "nodes": {"v1": node(8080, "grpc")},
        "routes": {"r/rest": {"grpcRoute": {"match": match, "action": action}}},
    }
    assert whys(told("http://s.local/a.S/Put", **grpc), "route")[0] == (
        "skipped path /a.S/Put is not /a.S/Get (grpcRoute.match.methodName); "
        "is no gRPC call: its content-type is missing; header x is missing (grpcRoute.match.metadata[0])"
    )
    found = told("http://s.local/a.S/Get", ("x", "1"), method="POST", protocol="grpc", **grpc)
    assert str(found.result.route) == "shop/virtualRouter/r/route/rest"


def test_a_service_that_a_node_provides_itself_takes_everything() -> None:
    found = told(
        "http://s.local:8080/x",
        services={"s.local": {"provider": {"virtualNode": {"virtualNodeName": "v1"}}}},
    )
    assert whys(found, "route") == [
        "matched a virtual node provides the service itself: every request is taken"
    ]
    assert str(found.result.route) == "shop/virtualService/s.local"


def test_cloud_map_lists_the_endpoints() -> None:
    cloud = {"awsCloudMap": {"namespaceName": "space", "serviceName": "v"}}
    nodes = {"v1": {"listeners": listening(8080), "serviceDiscovery": cloud}, "v2": SHOP["nodes"]["v2"]}
    mesh = mesh_of({**SHOP, "nodes": {**SHOP["nodes"], **nodes}, "routes": {"r/x": routed({}, ("v1", 1))}})
    instances = {CloudMapService("space", "v"): (Instance("192.0.2.1"), Instance("192.0.2.2"))}
    request = read_request("GET", "http://s.local/")
    found = explained(
        mesh, view_of(mesh, sender_of(mesh, "front"), Surroundings(instances=instances)), request
    )
    assert found.result.endpoints == ("192.0.2.1:8080", "192.0.2.2:8080")
    unseen = explained(mesh, view_of(mesh, sender_of(mesh, "front")), request)
    assert whys(unseen, "endpoint") == ["matched Cloud Map is asked for them as soon as a proxy needs them"]


def test_a_policy_for_other_ports_is_told_not_to_count() -> None:
    nodes = {"front": enforcing(1), "v1": node(8080, tls=TLS), "v2": node(9000, tls=TLS)}
    found = told("http://s.local/", nodes=nodes).result.tls
    assert found is not None
    assert found.why.startswith(
        "the listener offers it, and backendDefaults.clientPolicy.tls is not about port 8080"
    )
    plain = told("http://s.local/", nodes={"front": enforcing(1)}).result.tls
    assert plain is not None
    assert not plain.used


def test_a_backends_own_policy_is_told_by_its_place() -> None:
    trust = {"acm": {"certificateAuthorityArns": [AUTHORITY]}}
    policy = {"tls": {"enforce": False, "validation": {"trust": trust}}}
    backend = {"virtualServiceName": "s.local", "clientPolicy": policy}
    front = {"backends": [{"virtualService": backend}]}
    offered = told("http://s.local/", nodes={"front": front, "v1": node(8080, tls=TLS)})
    assert offered.result.tls is not None
    assert offered.result.tls.why.startswith(
        "backends[0].virtualService.clientPolicy.tls asks for it; "
        f"the server's certificate must be of {AUTHORITY}"
    )
    assert "nobody knows the authorities" in whys(offered, "tls")[1]
    plain = told("http://s.local/", nodes={"front": front}).result.tls
    assert plain is not None
    assert (
        plain.why
        == "backends[0].virtualService.clientPolicy.tls does not enforce TLS, and the listener takes none"
    )


AUTHORITY = "arn:aws:acm-pca:us-west-2:123456789012:certificate-authority/1"


def gated(match: Json, **rewrite: Any) -> Json:
    action: Json = {"target": {"virtualService": {"virtualServiceName": "s.local"}}}
    if rewrite:
        action["rewrite"] = rewrite
    return {**GATE, "gateway_routes": {"gate/s": {"httpRoute": {"match": match, "action": action}}}}


def test_a_gateway_that_keeps_the_host_marks_the_request_instead() -> None:
    kept = gated({"prefix": "/"}, hostname={"defaultTargetHostname": "DISABLED"})
    found = told("http://www.example.com/x", sender="gate", **kept)
    assert "marked x-app-mesh-virtual-service: s.local" in whys(found, "cluster")[0]
    assert "the client's host stays" in whys(found, "virtualHost")[0]
    assert dict(found.result.rewrite) == {}
    assert str(found.result.route) == "shop/virtualRouter/r/route/rest"


def test_a_gateway_rewrites_whole_paths() -> None:
    exact = gated({"path": {"exact": "/a"}}, path={"exact": "/b"})
    assert dict(told("http://g/a?x=1", sender="gate", **exact).result.rewrite)["path"] == "/b?x=1"
    expression = gated({"path": {"regex": "/a.*"}}, path={"exact": "/b"})
    assert dict(told("http://g/abc?x=1", sender="gate", **expression).result.rewrite)["path"] == "/b?x=1"
    other = told("http://g/c", sender="gate", **expression)
    assert "path /c does not match /a.* (httpRoute.match.path.regex)" in whys(other, "route")[0]


def test_a_gateway_takes_no_tcp_and_no_tls_without_its_certificate() -> None:
    assert (
        "takes HTTP, which gateways alone pass on" in told("tcp://g:8088", sender="gate", **GATE).steps[0].why
    )
    acm = {
        "mode": "STRICT",
        "certificate": {"acm": {"certificateArn": "arn:aws:acm:us-west-2:123456789012:certificate/1"}},
    }
    shut = {**GATE, "gateways": {"gate": {"listeners": listening(8088, tls=acm)}}}
    assert (
        "nobody knows certificate arn:aws:acm" in told("https://g/shop", sender="gate", **shut).steps[0].why
    )


def test_an_applications_own_retries_are_told() -> None:
    found = told("http://s.local/", ("x-envoy-max-retries", "7"), ("x-envoy-retry-on", "5xx"))
    assert found.result.retry is not None
    assert found.result.retry.values["maxRetries"] == 7
    assert (
        found.result.retry.set_by
        == "the default, and the request's own x-envoy-max-retries, x-envoy-retry-on"
    )


def test_a_backend_on_no_port_is_told_with_what_is_wrong_in_it() -> None:
    found = told("http://s.local/", services={"s.local": {}})
    assert "virtual service s.local is a backend, but on no port: has no provider" in found.steps[0].why


def test_a_gateway_to_a_service_whose_name_is_no_host_fails() -> None:
    services = {"café.local": SHOP["services"]["s.local"]}
    target = {"target": {"virtualService": {"virtualServiceName": "café.local"}}}
    for protocol, status in (("http", 400), ("http2", 503)):
        route = {f"{protocol}Route": {"match": {"prefix": "/"}, "action": target}}
        gateways = {"gate": {"listeners": listening(8088, protocol)}}
        shown: Json = {"services": services, "gateways": gateways, "gateway_routes": {"gate/s": route}}
        found = told("http://g/", sender="gate", **shown)
        assert found.result.status == status
        assert found.steps[-1].why == f"HTTP carries no host café.local: answered {status}"


def told_flat(url: str, **over: Any) -> Explanation:
    """What is told of a request to a gateway that takes one step where it can."""
    mesh = mesh_of({**SHOP, **GATE, **over})
    ref = mesh.ref(Kind.VIRTUAL_GATEWAY, "gate")
    fleet = Fleet(DataPlane(has_flat_gateways=True))
    view = proxy_view(mesh, ref, NOWHERE, fleet=fleet)
    assert view is not None
    return explained(mesh, seen_by(view, Wishes(counts_steps=True)), read_request("GET", url))


def test_a_gateway_in_one_step_is_told_in_one() -> None:
    found = told_flat("http://any:8088/shop/x")
    assert [one.stage.value for one in found.steps[:6]] == [
        "listener", "route", "route", "route", "rewrite", "cluster",
    ]  # fmt: skip
    assert whys(found, "route") == [
        "matched every condition holds; goes to virtual service s.local",
        "skipped path /shop/x does not start with /shop/beta (httpRoute.match.prefix, before the rewrite)",
        "matched every condition holds (no priority)",
    ]
    assert whys(found, "rewrite") == ["matched path /shop/x becomes /x; host any:8088 becomes s.local"]
    assert "in one step (--flat-gateways)" in whys(found, "cluster")[0]
    assert len(found.result.taken) == 1
    assert str(found.result.route) == "shop/virtualRouter/r/route/rest"


def test_what_a_gateway_cannot_put_together_is_told_in_two_steps() -> None:
    by_host = {"prefix": "/", "headers": [{"name": "x-envoy-a", "invert": True}]}
    found = told_flat("http://any:8088/shop/x", routes={"r/rest": routed(by_host, ("v1", 1))})
    assert "skipped no route behind it takes such a request in one step" in whys(found, "route")[1]
    assert "on to its own way out" in whys(found, "cluster")[0]


@pytest.mark.parametrize(("protocol", "route"), [("http", "beta"), ("http2", "rest")])
def test_two_cookies_are_one_over_http2_only(protocol: str, route: str) -> None:
    match = {"prefix": "/", "headers": [{"name": "cookie", "match": {"suffix": "a=1"}}]}
    member = {"http": "httpRoute", "http2": "http2Route"}[protocol]
    routes = {
        "r/beta": {"priority": 1, member: routed(match, ("v2", 1))["httpRoute"]},
        "r/rest": {member: routed({"prefix": "/"}, ("v1", 1))["httpRoute"]},
    }
    nodes = {"v1": node(8080, protocol), "v2": node(9000, protocol)}
    routers = {"r": {"listeners": listening(80, protocol)}}
    cookies = [("cookie", "a=1"), ("cookie", "b=2")]
    found = told("http://s.local/", *cookies, protocol=protocol, routes=routes, nodes=nodes, routers=routers)
    (step,) = (one for one in found.steps if one.stage.value == "route" and one.outcome.value == "matched")
    assert str(step.resource).endswith(f"/{route}")
