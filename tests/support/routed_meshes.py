"""Meshes that are full of routes which nearly take the same requests, and requests that nearly fit them.

Random meshes of `random_meshes` are any that are valid, and most of their routes lead nowhere. These are the
ones in which it matters which route is taken. Both are drawn from the same words.
"""

from random import Random
from typing import Any, Final

from gossamer.model.kind import Kind, Ref
from tests.support.random_meshes import KEY, Drawn

PORTS: Final = (80, 8080, 9000)
SERVICES: Final = ("a.local", "A.local", "b.local", "b.local:8080", "c.local")
PATHS: Final = (
    "/",
    "/a",
    "/a/",
    "/a/b",
    "/ab",
    "/b",
    "/A",
    "/a/b/c",
    "/a.b.S/Get",
    "/a.b.S/",
    "/%61",
    "/a//b",
)
EXPRESSIONS: Final = ("/a.*", "/[ab]", "/a/[^/]+", ".*", "^/a$", "(?i)/A", "/a|/b")
GRPC: Final = ("a.b.S", "a.b", "S", "A.b.S")
METHODS: Final = ("GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH")
HEADERS: Final = (
    "x-a",
    "X-A",
    "x-b",
    "host",
    "cookie",
    "x-envoy-retry-on",
    "x-forwarded-proto",
    "te",
    "x-request-id",
)
VALUES: Final = ("1", "5", "10", "-1", "b", "B", "ab", "ba", "a,b", "0x5", " 7", "b b")
VALUE_EXPRESSIONS: Final = ("b", "[0-9]+", ".*", "a|b", "(?i)B")
QUERY: Final = ("q", "Q", "p", "q%20")

NODES: Final = ("n1", "n1", "n2", "n2", "n3", "no-node")
RULES: Final = {"http": "httpRoute", "http2": "http2Route", "grpc": "grpcRoute", "tcp": "tcpRoute"}


def chance(random: Random, percent: int) -> bool:
    """True so often."""
    return random.random() * 100 < percent


def routed_mesh(random: Random) -> Drawn:
    """A mesh of a caller, a gateway, and services behind routers of every protocol."""
    drawn: Drawn = {_ref(Kind.MESH, KEY.mesh): _mesh(random)}
    for name in ("n1", "n2", "n3"):
        drawn[_ref(Kind.VIRTUAL_NODE, name)] = _node(random, [])
    services = random.sample(SERVICES, random.randint(2, 4))
    for index, service in enumerate(services):
        drawn |= _service(random, service, f"r{index}")
    drawn[_ref(Kind.VIRTUAL_NODE, "caller")] = _node(
        random, random.sample(services, random.randint(1, len(services)))
    )
    return drawn | _gateway(random, services)


def _ref(kind: Kind, name: str, parent: str | None = None) -> Ref:
    return Ref(KEY.account, KEY.mesh, kind, name, parent)


def _mesh(random: Random) -> Any:
    return {"egressFilter": {"type": "ALLOW_ALL"}} if chance(random, 30) else {}


def _node(random: Random, backends: list[str]) -> Any:
    ports = random.choice((PORTS[:2], PORTS[:2], PORTS[1:]))
    protocols = [random.choice(("http", "http", "http2", "grpc", "tcp")) for _ in ports]
    listeners = [
        {"portMapping": {"port": port, "protocol": one}} for port, one in zip(ports, protocols, strict=True)
    ]
    named = [{"virtualService": {"virtualServiceName": name}} for name in backends]
    return {"listeners": listeners, "serviceDiscovery": {"dns": {"hostname": "n.local"}}, "backends": named}


def _service(random: Random, name: str, router: str) -> Drawn:
    ref = _ref(Kind.VIRTUAL_SERVICE, name)
    if chance(random, 20):
        return {
            ref: {"provider": {"virtualNode": {"virtualNodeName": random.choice(("n1", "n2", "no-node"))}}}
        }
    ports = random.sample(PORTS, random.choice((1, 1, 1, 2)))
    spoken = [random.choice(("http", "http", "http2", "grpc", "grpc", "tcp")) for _ in ports]
    listeners = [
        {"portMapping": {"port": port, "protocol": one}} for port, one in zip(ports, spoken, strict=True)
    ]
    drawn: Drawn = {
        ref: {"provider": {"virtualRouter": {"virtualRouterName": router}}},
        _ref(Kind.VIRTUAL_ROUTER, router): {"listeners": listeners},
    }
    for index in range(random.choice((0, 2, 3, 4, 5))):
        port, protocol = random.choice(list(zip(ports, spoken, strict=True)))
        rule = _rule(random, protocol, port)
        if index == 1 and protocol != "tcp":
            rule["match"] = {} if protocol == "grpc" else {"prefix": "/"}
        spec: dict[str, Any] = {RULES[protocol]: rule}
        if chance(random, 40):
            spec["priority"] = random.choice((0, 1, 1, 500, 1000))
        drawn[_ref(Kind.ROUTE, f"x{index}", router)] = spec
    return drawn


def _rule(random: Random, protocol: str, port: int) -> Any:
    targets = [
        {
            "virtualNode": random.choice(NODES),
            "weight": random.choice((0, 1, 5, 100)),
            "port": random.choice(PORTS[:2]),
        }
        for _ in range(random.randint(1, 3))
    ]
    rule: dict[str, Any] = {"action": {"weightedTargets": targets}}
    if protocol == "tcp":
        return rule
    rule["match"] = _grpc_match(random) if protocol == "grpc" else _http_match(random)
    if chance(random, 20):
        rule["match"]["port"] = port
    if chance(random, 30):
        rule["timeout"] = {"perRequest": {"unit": "ms", "value": random.choice((0, 250, 20000))}}
    if chance(random, 30):
        rule["retryPolicy"] = {
            "maxRetries": random.choice((0, 3)),
            "perRetryTimeout": {"unit": "ms", "value": random.choice((0, 100, 15000, 30000))},
            "tcpRetryEvents": ["connection-error"],
        }
    return rule


def _http_match(random: Random, *, is_gateway: bool = False) -> dict[str, Any]:
    match = _path_match(random)
    if chance(random, 20):
        match["method"] = random.choice(METHODS)
    if chance(random, 10) and not is_gateway:
        match["scheme"] = random.choice(("http", "https"))
    if chance(random, 30):
        match["headers"] = [_condition(random) for _ in range(random.randint(1, 2))]
    if chance(random, 25):
        match["queryParameters"] = [_parameter(random)]
    if is_gateway and chance(random, 30):
        match["hostname"] = _hostname(random)
    return match


def _path_match(random: Random) -> dict[str, Any]:
    roll = random.random()
    if roll < 0.55:
        return {"prefix": random.choice(PATHS)}
    if roll < 0.75:
        return {"path": {"exact": random.choice(PATHS)}}
    return {"path": {"regex": random.choice(EXPRESSIONS)}} if roll < 0.95 else {}


def _grpc_match(random: Random, *, is_gateway: bool = False) -> dict[str, Any]:
    match: dict[str, Any] = {}
    if chance(random, 70):
        match["serviceName"] = random.choice(GRPC)
        if not is_gateway and chance(random, 50):
            match["methodName"] = random.choice(("Get", "get"))
    if chance(random, 40):
        match["metadata"] = [{**_condition(random), "name": random.choice(("x-a", "x-b"))}]
    if is_gateway and chance(random, 30):
        match["hostname"] = _hostname(random)
    return match


def _hostname(random: Random) -> Any:
    return random.choice(
        ({"exact": "b.local"}, {"exact": "B.local:80"}, {"suffix": ".local"}, {"suffix": "l"})
    )


def _condition(random: Random) -> dict[str, Any]:
    condition: dict[str, Any] = {"name": random.choice(HEADERS)}
    kind = random.choice(("exact", "prefix", "suffix", "regex", "range", "none"))
    if kind == "range":
        condition["match"] = {"range": {"start": random.choice((-5, 0, 5)), "end": random.choice((1, 5, 10))}}
    elif kind == "regex":
        condition["match"] = {"regex": random.choice(VALUE_EXPRESSIONS)}
    elif kind != "none":
        condition["match"] = {kind: random.choice(VALUES)}
    if chance(random, 40):
        condition["invert"] = random.choice((True, True, False))
    return condition


def _parameter(random: Random) -> dict[str, Any]:
    name = {"name": random.choice(QUERY)}
    return name if chance(random, 40) else {**name, "match": {"exact": random.choice(("", "1", "b", "%62"))}}


def _gateway(random: Random, services: list[str]) -> Drawn:
    ports = random.sample((8088, 9088), random.choice((1, 2)))
    spoken = [random.choice(("http", "http", "http2", "grpc")) for _ in ports]
    listeners = [
        {"portMapping": {"port": port, "protocol": one}} for port, one in zip(ports, spoken, strict=True)
    ]
    drawn: Drawn = {_ref(Kind.VIRTUAL_GATEWAY, "gate"): {"listeners": listeners}}
    for index in range(random.randint(1, 5)):
        protocol = random.choice(spoken)
        target: dict[str, Any] = {
            "virtualService": {
                "virtualServiceName": random.choice((*services, *services, *services, "no-service"))
            }
        }
        if chance(random, 20):
            target["port"] = random.choice(PORTS)
        is_grpc = protocol == "grpc"
        match = _grpc_match(random, is_gateway=True) if is_grpc else _http_match(random, is_gateway=True)
        action: dict[str, Any] = {"target": target}
        if chance(random, 50) and (rewrite := _rewrite(random, match, is_grpc=is_grpc)):
            action["rewrite"] = rewrite
        spec: dict[str, Any] = {RULES[protocol]: {"match": match, "action": action}}
        if chance(random, 30):
            spec["priority"] = random.choice((0, 1, 1000))
        drawn[_ref(Kind.GATEWAY_ROUTE, f"g{index}", "gate")] = spec
    return drawn


def _rewrite(random: Random, match: dict[str, Any], *, is_grpc: bool) -> Any:
    rewrite: dict[str, Any] = {}
    if chance(random, 40):
        rewrite["hostname"] = {"defaultTargetHostname": random.choice(("DISABLED", "ENABLED"))}
    if not is_grpc and "path" in match and chance(random, 60):
        rewrite["path"] = {"exact": random.choice(("/", "/a", "/new/path", "/a\\1"))}
    elif not is_grpc and "path" not in match and chance(random, 60):
        rewrite["prefix"] = random.choice(({"value": "/a/"}, {"value": "/"}, {"defaultPrefix": "DISABLED"}))
    return rewrite
