"""Each rule that the service has beyond its description, and how a broken rule is told."""

import json
from typing import Final

import pytest

from gossamer.errors import InvalidSpec
from gossamer.model.kind import Kind
from gossamer.model.specs import spec_from_json
from tests.support.full_specs import GATEWAY_TARGET, HEALTH_CHECK, TARGETS, Json

DNS: Final[Json] = {"dns": {"hostname": "a.local"}}
RETRY: Final[Json] = {"maxRetries": 1, "perRetryTimeout": {"unit": "s", "value": 1}}
OUTLIER: Final[Json] = {"maxServerErrors": 1, "maxEjectionPercent": 1}
WILDCARD: Final[Json] = {
    "trust": {"file": {"certificateChain": "/ca"}},
    "subjectAlternativeNames": {"match": {"exact": ["a.local", "*.local"]}},
}

CERTIFICATE: Final[Json] = {"sds": {"secretName": "me"}}
PORT: Final = "listeners[0].portMapping"
NO_TCP: Final = "must be one of http, http2, grpc"


def told(kind: Kind, spec: object) -> dict[str, str]:
    """Each path and what is said of it; empty when nothing is wrong."""
    try:
        spec_from_json(kind, json.dumps(spec))
    except InvalidSpec as error:
        return {one.path: one.why for one in error.violations}
    return {}


def node(**members: object) -> Json:
    return {
        "listeners": [{"portMapping": {"port": 80, "protocol": "http"}, **members}],
        "serviceDiscovery": DNS,
    }


def http(**members: object) -> Json:
    return {"httpRoute": {"match": {}, "action": TARGETS, **members}}


def matching(**members: object) -> Json:
    return http(match=members)


def grpc(**match: object) -> Json:
    return {"grpcRoute": {"match": match, "action": TARGETS}}


def client(**tls: object) -> Json:
    return {"backendDefaults": {"clientPolicy": {"tls": tls}}}


def gateway(**members: object) -> Json:
    return {"listeners": [{"portMapping": {"port": 80, "protocol": "http"}, **members}]}


def entering(**match: object) -> Json:
    return {"httpRoute": {"match": match, "action": {"target": GATEWAY_TARGET}}}


def rewriting(match: Json, **rewrite: object) -> Json:
    return {"httpRoute": {"match": match, "action": {"target": GATEWAY_TARGET, "rewrite": rewrite}}}


def cloud_map(attribute: Json) -> Json:
    found = {"awsCloudMap": {"namespaceName": "n", "serviceName": "s", "attributes": [attribute]}}
    return node() | {"serviceDiscovery": found}


def backend(name: str) -> Json:
    return {"backends": [{"virtualService": {"virtualServiceName": name}}]}


ON_LISTENER: Final = "listeners[0]."
REGEX: Final = "httpRoute.match.path.regex"
TRUST: Final = "backendDefaults.clientPolicy.tls.validation.trust"

NODE_RULES: Final[dict[str, tuple[Json, dict[str, str]]]] = {
    "listeners need discovery": (
        {"listeners": [{"portMapping": {"port": 80, "protocol": "http"}}]},
        {"serviceDiscovery": "is required when the node has listeners"},
    ),
    "discovery needs a listener": (
        {"serviceDiscovery": DNS},
        {"serviceDiscovery": "Service Discovery can't be set without a listener."},
    ),
    "two ways of discovery": (
        node() | {"serviceDiscovery": DNS | {"awsCloudMap": {"namespaceName": "n", "serviceName": "s"}}},
        {"serviceDiscovery": "exactly one of dns, awsCloudMap must be set"},
    ),
    "a Cloud Map name that is not one": (
        node() | {"serviceDiscovery": {"awsCloudMap": {"namespaceName": "n\t", "serviceName": "s s"}}},
        dict.fromkeys(
            ("serviceDiscovery.awsCloudMap.namespaceName", "serviceDiscovery.awsCloudMap.serviceName"),
            "may hold printable ASCII characters only, and no blank",
        ),
    ),
    "a backend of nothing": ({"backends": [{}]}, {"backends[0]": "virtualService must be set"}),
    "two listeners of one port": (
        {"listeners": [{"portMapping": {"port": 80, "protocol": p}} for p in ("http", "tcp")]}
        | {"serviceDiscovery": DNS},
        {"listeners[1].portMapping.port": "must differ from the ports of other listeners"},
    ),
    "timeout and pool of other protocols": (
        node(timeout={"tcp": {}}, connectionPool={"grpc": {"maxRequests": 1}}),
        {
            "listeners[0].timeout": "must set http, the listener's protocol, and not tcp",
            "listeners[0].connectionPool": "must set http, the listener's protocol, and not grpc",
        },
    ),
    "a gRPC check of an HTTP listener on another port": (
        node(healthCheck=HEALTH_CHECK | {"protocol": "grpc"}),
        {
            "listeners[0].healthCheck.protocol": "GRPC HealthCheck requires listener type of HTTP2 or GRPC.",
            "listeners[0].healthCheck.port": "must be the listener's port, 80",
        },
    ),
    "a check of a path that no request can hold": (
        node(healthCheck=HEALTH_CHECK | {"port": 80, "path": "/\r\n"}),
        {"listeners[0].healthCheck.path": "may hold no control character"},
    ),
    "ejections that take no time": (
        node(
            outlierDetection=OUTLIER
            | {"interval": {"unit": "s", "value": 0}, "baseEjectionDuration": {"unit": "ms", "value": 0}}
        ),
        {
            "listeners[0].outlierDetection.interval": "must be longer than zero",
            "listeners[0].outlierDetection.baseEjectionDuration": "must be longer than zero",
        },
    ),
    "a duration of a number only": (
        node(timeout={"http": {"idle": {"value": 1}, "perRequest": {"unit": "s"}}}),
        {
            "listeners[0].timeout.http.idle.unit": "is required",
            "listeners[0].timeout.http.perRequest.value": "is required",
        },
    ),
    "longer than a hundred years": (
        node(
            timeout={
                "http": {
                    "idle": {"unit": "s", "value": 3153600001},
                    "perRequest": {"unit": "ms", "value": 3153600000001},
                }
            }
        ),
        {
            "listeners[0].timeout.http.idle.value": "must be between 0 and 3153600000 when the unit is s",
            "listeners[0].timeout.http.perRequest.value": "must be between 0 and 3153600000000",
        },
    ),
    "an enforced policy with a wildcard": (
        client(enforce=True, validation=WILDCARD),
        {
            "backendDefaults.clientPolicy.tls.validation.subjectAlternativeNames.match.exact[1]": (
                "must not be a wildcard while the policy is enforced"
            )
        },
    ),
    "a policy with a wildcard is enforced unless it says otherwise": (
        client(validation=WILDCARD),
        {
            "backendDefaults.clientPolicy.tls.validation.subjectAlternativeNames.match.exact[1]": (
                "must not be a wildcard while the policy is enforced"
            )
        },
    ),
    "no trust": (
        client(validation={"trust": {}}),
        {TRUST: "One type of TLS Validation Context Trust must be set."},
    ),
    "an authority that is none": (
        client(
            validation={
                "trust": {"acm": {"certificateAuthorityArns": ["arn:aws:acm:r:000000000000:certificate/1"]}}
            }
        ),
        {f"{TRUST}.acm.certificateAuthorityArns[0]": "must be the ARN of a private certificate authority"},
    ),
    "too many authorities": (
        client(
            validation={
                "trust": {
                    "acm": {
                        "certificateAuthorityArns": ["arn:aws:acm-pca:r:000000000000:certificate-authority/1"]
                        * 4
                    }
                }
            }
        ),
        {f"{TRUST}.acm.certificateAuthorityArns": "must have 1 to 3 items"},
    ),
    "the port of a Cloud Map instance": (
        cloud_map({"key": "AWS_INSTANCE_PORT", "value": "80"}),
        {"serviceDiscovery.awsCloudMap.attributes[0].key": "must not be AWS_INSTANCE_PORT"},
    ),
    "attributes that Cloud Map does not take": (
        cloud_map({"key": "a b", "value": " a"}),
        {
            "serviceDiscovery.awsCloudMap.attributes[0].key": (
                "may hold printable ASCII characters only, and no blank"
            ),
            "serviceDiscovery.awsCloudMap.attributes[0].value": (
                "may hold printable ASCII characters only, and start with no blank"
            ),
        },
    ),
    "a host that cannot be looked up": (
        node() | {"serviceDiscovery": {"dns": {"hostname": "http://a"}}},
        {"serviceDiscovery.dns.hostname": "may hold no slash, whitespace or control character"},
    ),
    "a backend that is a path": (
        backend("a/b"),
        {
            "backends[0].virtualService.virtualServiceName": (
                "may hold no slash, star, whitespace or control character"
            )
        },
    ),
    "numbers, text, lists and objects in each other's place": (
        {
            "listeners": [{"portMapping": {"port": "80", "protocol": 1}}],
            "backends": {},
            "logging": [],
            "backendDefaults": {"clientPolicy": {"tls": {"enforce": "yes", "ports": [1.5], "validation": 1}}},
            "serviceDiscovery": {"dns": {"hostname": True}},
        },
        {
            "listeners[0].portMapping.port": "must be a whole number",
            "listeners[0].portMapping.protocol": "must be one of http, http2, grpc, tcp",
            "backends": "must be a list",
            "logging": "must be an object",
            "backendDefaults.clientPolicy.tls.enforce": "must be true or false",
            "backendDefaults.clientPolicy.tls.ports[0]": "must be a whole number",
            "backendDefaults.clientPolicy.tls.validation": "must be an object",
            "serviceDiscovery.dns.hostname": "must be text",
        },
    ),
}

ROUTE_RULES: Final[dict[str, tuple[Json, dict[str, str]]]] = {
    "no route": (
        {"priority": 1},
        {"": "exactly one of httpRoute, http2Route, grpcRoute, tcpRoute must be set"},
    ),
    "two routes": (
        http() | {"tcpRoute": {"action": TARGETS}},
        {"": "exactly one of httpRoute, http2Route, grpcRoute, tcpRoute must be set"},
    ),
    "prefix and path": (
        matching(prefix="/", path={"exact": "/"}),
        {"httpRoute.match": "at most one of prefix, path may be set"},
    ),
    "paths without a slash": (
        matching(prefix="a"),
        {"httpRoute.match.prefix": "must start with /"},
    ),
    "an exact path without a slash": (
        matching(path={"exact": "a"}),
        {"httpRoute.match.path.exact": "must start with /"},
    ),
    "an exact path that is a regex too": (
        matching(path={"exact": "/", "regex": "/"}),
        {"httpRoute.match.path": "exactly one of exact, regex must be set"},
    ),
    "an expression that does not end": (
        matching(path={"regex": "("}),
        {REGEX: "must be an RE2 expression: missing )"},
    ),
    "an expression that looks ahead": (
        matching(path={"regex": "(?=secret)"}),
        {REGEX: "must be an RE2 expression: invalid perl operator"},
    ),
    "an expression that Envoy would find too large": (
        matching(path={"regex": "(a{1,100}){1,6}"}),
        {REGEX: "must compile to an RE2 program of at most 1000 instructions, not 1215"},
    ),
    "an expression of a header": (
        matching(headers=[{"name": "a", "match": {"regex": "a{1001}"}}]),
        {"httpRoute.match.headers[0].match.regex": "must be an RE2 expression: invalid repetition size"},
    ),
    "a header with a blank": (
        matching(headers=[{"name": "a b"}]),
        {"httpRoute.match.headers[0].name": "may hold no whitespace or control character"},
    ),
    "no header where there is a list": (
        matching(headers=[]),
        {"httpRoute.match.headers": "must have 1 to 10 items"},
    ),
    "a range of numbers that no machine can hold": (
        matching(headers=[{"name": "a", "match": {"range": {"start": 2**63, "end": 0}}}]),
        {
            "httpRoute.match.headers[0].match.range.start": (
                "must be between -9223372036854775808 and 9223372036854775807"
            )
        },
    ),
    "a method without its service": (
        grpc(methodName="M"),
        {"grpcRoute.match.serviceName": "is required when methodName is set"},
    ),
    "retries of nothing": (
        http(retryPolicy=RETRY),
        {"httpRoute.retryPolicy": "must list at least one retry event"},
    ),
    "gRPC retries of nothing": (
        {"grpcRoute": {"match": {}, "action": TARGETS, "retryPolicy": RETRY}},
        {"grpcRoute.retryPolicy": "must list at least one retry event"},
    ),
    "two connection errors": (
        http(retryPolicy=RETRY | {"tcpRetryEvents": ["connection-error", "connection-error"]}),
        {"httpRoute.retryPolicy.tcpRetryEvents": "must have exactly 1 item"},
    ),
    "an event that means nothing": (
        http(retryPolicy=RETRY | {"httpRetryEvents": ["5xx"], "tcpRetryEvents": ["reset"]}),
        {
            "httpRoute.retryPolicy.httpRetryEvents[0]": (
                "must be one of server-error, gateway-error, client-error, stream-error"
            ),
            "httpRoute.retryPolicy.tcpRetryEvents[0]": "must be connection-error",
        },
    ),
    "one bad target of a full list": (
        http(action={"weightedTargets": [{"virtualNode": "a.b", "weight": 101}]}),
        {
            "httpRoute.action.weightedTargets[0].virtualNode": (
                "may hold letters, digits, hyphens and underscores only"
            ),
            "httpRoute.action.weightedTargets[0].weight": "must be between 0 and 100",
        },
    ),
    "too many targets": (
        http(action={"weightedTargets": [{"virtualNode": "a", "weight": 1}] * 11}),
        {"httpRoute.action.weightedTargets": "must have 1 to 10 items"},
    ),
}


GATEWAY_RULES: Final[dict[str, tuple[Json, dict[str, str]]]] = {
    "no listener": ({"listeners": []}, {"listeners": "must have at least 1 item"}),
    "two listeners of one port": (
        {"listeners": [{"portMapping": {"port": 80, "protocol": one}} for one in ("http", "http2")]},
        {"listeners[1].portMapping.port": "must differ from the ports of other listeners"},
    ),
    "TCP": (gateway(portMapping={"port": 80, "protocol": "tcp"}), {f"{PORT}.protocol": NO_TCP}),
    "no protocol at all": (gateway(portMapping={"port": 80, "protocol": 7}), {f"{PORT}.protocol": NO_TCP}),
    "a check of TCP": (
        gateway(healthCheck=HEALTH_CHECK | {"protocol": "tcp"}),
        {"listeners[0].healthCheck.protocol": NO_TCP},
    ),
    "a check of another port and protocol": (
        gateway(healthCheck=HEALTH_CHECK | {"protocol": "grpc", "port": 81}),
        {
            "listeners[0].healthCheck.protocol": "GRPC HealthCheck requires listener type of HTTP2 or GRPC.",
            "listeners[0].healthCheck.port": "must be the listener's port, 80",
        },
    ),
    "a pool of another protocol": (
        gateway(connectionPool={"grpc": {"maxRequests": 1}}),
        {"listeners[0].connectionPool": "must set http, the listener's protocol, and not grpc"},
    ),
    "authorities of ACM for a listener": (
        gateway(tls={"mode": "STRICT", "certificate": CERTIFICATE, "validation": {"trust": {"acm": {}}}}),
        {"listeners[0].tls.validation.trust": "One type of TLS Validation Context Trust must be set."},
    ),
    "a wildcard of an enforced policy": (
        gateway() | client(validation=WILDCARD),
        {
            "backendDefaults.clientPolicy.tls.validation.subjectAlternativeNames.match.exact[1]": (
                "must not be a wildcard while the policy is enforced"
            )
        },
    ),
}

GATEWAY_ROUTE_RULES: Final[dict[str, tuple[Json, dict[str, str]]]] = {
    "no route": ({}, {"": "exactly one of httpRoute, http2Route, grpcRoute must be set"}),
    "a prefix and a path": (
        entering(prefix="/", path={"exact": "/a"}),
        {"httpRoute.match": "at most one of prefix, path may be set"},
    ),
    "a prefix without a slash": (entering(prefix="a"), {"httpRoute.match.prefix": "must start with /"}),
    "a reserved prefix": (
        entering(prefix="/aws-appmesh-x"),
        {"httpRoute.match.prefix": "must not start with /aws-appmesh or /aws-app-mesh"},
    ),
    "a host of two forms": (
        entering(hostname={"exact": "a", "suffix": "b"}),
        {"httpRoute.match.hostname": "exactly one of exact, suffix must be set"},
    ),
    "a host with a star": (
        entering(hostname={"suffix": "*.a"}),
        {"httpRoute.match.hostname.suffix": "may hold printable ASCII only, and no slash or star"},
    ),
    "a reserved gRPC service": (
        {"grpcRoute": {"match": {"serviceName": "aws.app-mesh.X"}, "action": {"target": GATEWAY_TARGET}}},
        {"grpcRoute.match.serviceName": "must not start with aws.appmesh or aws.app-mesh"},
    ),
    "two rewrites of the path": (
        rewriting({}, prefix={"value": "/"}, path={"exact": "/"}),
        {"httpRoute.action.rewrite": "at most one of prefix, path may be set"},
    ),
    "two prefixes": (
        rewriting({}, prefix={"value": "/", "defaultPrefix": "ENABLED"}),
        {"httpRoute.action.rewrite.prefix": "exactly one of defaultPrefix, value must be set"},
    ),
    "rewrites without a slash": (
        rewriting({}, path={"exact": "a"}),
        {"httpRoute.action.rewrite.path.exact": "must start with /"},
    ),
    "a rewrite that no request line can hold": (
        rewriting({"prefix": "/"}, prefix={"value": "/a b/"}),
        {"httpRoute.action.rewrite.prefix.value": "may hold visible ASCII characters only, and no #"},
    ),
    "a rewrite that begins a fragment": (
        rewriting({"path": {"exact": "/"}}, path={"exact": "/#"}),
        {"httpRoute.action.rewrite.path.exact": "may hold visible ASCII characters only, and no #"},
    ),
    "a rewrite of the prefix of a path": (
        rewriting({"path": {"exact": "/a"}}, prefix={"value": "/"}),
        {"httpRoute.action.rewrite.prefix": "may not be set beside match.path, which has no prefix"},
    ),
    "a rewrite of the path of a prefix": (
        rewriting({"prefix": "/a"}, path={"exact": "/b"}),
        {"httpRoute.action.rewrite.path": "may not be set beside match.prefix"},
    ),
}


@pytest.mark.parametrize(("spec", "expected"), GATEWAY_RULES.values(), ids=GATEWAY_RULES.keys())
def test_a_gateway_that_breaks_rules_is_told_all_of_them(spec: Json, expected: dict[str, str]) -> None:
    assert told(Kind.VIRTUAL_GATEWAY, spec) == expected


@pytest.mark.parametrize(("spec", "expected"), GATEWAY_ROUTE_RULES.values(), ids=GATEWAY_ROUTE_RULES.keys())
def test_a_gateway_route_that_breaks_rules_is_told_all_of_them(spec: Json, expected: dict[str, str]) -> None:
    assert told(Kind.GATEWAY_ROUTE, spec) == expected


@pytest.mark.parametrize(("spec", "expected"), NODE_RULES.values(), ids=NODE_RULES.keys())
def test_a_node_that_breaks_rules_is_told_all_of_them(spec: Json, expected: dict[str, str]) -> None:
    assert told(Kind.VIRTUAL_NODE, spec) == expected


@pytest.mark.parametrize(("spec", "expected"), ROUTE_RULES.values(), ids=ROUTE_RULES.keys())
def test_a_route_that_breaks_rules_is_told_all_of_them(spec: Json, expected: dict[str, str]) -> None:
    assert told(Kind.ROUTE, spec) == expected


def test_a_router_whose_listeners_share_a_port_is_refused() -> None:
    listeners = [{"portMapping": {"port": port, "protocol": "http"}} for port in (80, 81, 80)]
    assert told(Kind.VIRTUAL_ROUTER, {"listeners": listeners}) == {
        "listeners[2].portMapping.port": "must differ from the ports of other listeners"
    }


@pytest.mark.parametrize("protocol", ["http2", "grpc"])
def test_a_grpc_check_suits_a_listener_that_speaks_http2_or_grpc(protocol: str) -> None:
    check = HEALTH_CHECK | {"protocol": "grpc", "port": 80}
    assert (
        told(Kind.VIRTUAL_NODE, node(portMapping={"port": 80, "protocol": protocol}, healthCheck=check)) == {}
    )


def test_an_unenforced_policy_may_list_a_wildcard() -> None:
    assert told(Kind.VIRTUAL_NODE, client(enforce=False, validation=WILDCARD)) == {}


@pytest.mark.parametrize("events", ["httpRetryEvents", "tcpRetryEvents", "grpcRetryEvents"])
def test_one_event_of_any_sort_is_enough_for_a_retry_policy(events: str) -> None:
    sorts = {
        "httpRetryEvents": "server-error",
        "tcpRetryEvents": "connection-error",
        "grpcRetryEvents": "internal",
    }
    policy = RETRY | {events: [sorts[events]]}
    assert told(Kind.ROUTE, {"grpcRoute": {"match": {}, "action": TARGETS, "retryPolicy": policy}}) == {}


def test_no_value_is_echoed_at_length() -> None:
    long = "x" * 5000
    spec = {
        long: 1,
        "listeners": [{"portMapping": {"port": long, "protocol": long}}],
        "serviceDiscovery": {"dns": {"hostname": long, long: 1}},
    }
    found = told(Kind.VIRTUAL_NODE, spec)
    assert len(found) == 5
    assert all(len(path) + len(why) < 150 for path, why in found.items())
    assert found["x" * 40 + "…"] == "is not a member of this shape"


def test_a_regex_that_is_refused_is_not_echoed() -> None:
    assert not any(
        "secret" in why for why in told(Kind.ROUTE, matching(path={"regex": "(?=secret)"})).values()
    )


def test_no_sentence_is_pydantics() -> None:
    cases = [(Kind.VIRTUAL_NODE, spec) for spec, _ in NODE_RULES.values()]
    cases += [(Kind.ROUTE, spec) for spec, _ in ROUTE_RULES.values()]
    words = {word for kind, spec in cases for why in told(kind, spec).values() for word in why.split()}
    assert not words & {"Input", "input", "Value", "Field", "Tuple", "tuple", "valid", "string", "integer"}
