"""The mesh that behaviour tests begin with, and short forms of what they change, in the API's own words.

    front → orders.test (virtual router `orders`, port 80) → blue, green
    gate, port 8000 → orders.test

A route is `to("blue", prefix="/a")`, or of another protocol `to({"blue": 9, "green": 1}, "grpc", ...)`.
A gateway route is `into("orders.test", prefix="/a")`.
"""

from collections.abc import Mapping
from typing import Any, Final

from tests.support.answering import PORTS

Spec = dict[str, Any]
#: Where the gateway listens, unless a mesh says otherwise.
GATE: Final = 8000
ROUTE_OF: Final = {"http": "httpRoute", "http2": "http2Route", "grpc": "grpcRoute", "tcp": "tcpRoute"}


def mesh(
    protocol: str = "http",
    routes: Mapping[str, Spec] | None = None,
    entries: Mapping[str, Spec] | None = None,
    **sections: Spec,
) -> Spec:
    """A mesh as golden cases write it: the usual one, with `sections` laid over it name by name.

    Routes are of the router `orders`; without any, all goes to blue. Entries are gateway routes of `gate`;
    without any, all goes to orders.test. All speak one protocol; with TCP the gateway speaks HTTP.
    """
    at_gate = "http" if protocol == "tcp" else protocol
    entries = {"all": into("orders.test", at_gate)} if entries is None else entries
    found = {f"orders/{name}": spec for name, spec in (routes or {"all": to("blue", protocol)}).items()}
    usual: Spec = {
        "mesh": {},
        "nodes": {
            "front": node("front", protocol, backends=["orders.test"]),
            "blue": node("blue", protocol),
            "green": node("green", protocol),
        },
        "services": {"orders.test": {"provider": {"virtualRouter": {"virtualRouterName": "orders"}}}},
        "routers": {"orders": router((80, protocol))},
        "routes": found,
        "gateways": {"gate": {"listeners": [listener(at_gate, GATE)]}},
        "gateway_routes": {f"gate/{name}": spec for name, spec in entries.items()},
    }
    return {key: {**usual.get(key, {}), **sections.get(key, {})} for key in {**usual, **sections}}


def node(name: str, *protocols: str, backends: list[str] | None = None, **more: object) -> Spec:
    """A virtual node on a machine, with a listener where the application speaks each protocol."""
    spec: Spec = {
        "listeners": [listener(protocol) for protocol in protocols],
        "serviceDiscovery": {"dns": {"hostname": f"{name}.test"}},
    }
    if backends:
        spec["backends"] = [{"virtualService": {"virtualServiceName": one}} for one in backends]
    return {**spec, **more}


def listener(protocol: str, port: int | None = None, **more: object) -> Spec:
    """A listener, where the application speaks its protocol unless another port is named."""
    return {"portMapping": {"port": port or PORTS[protocol], "protocol": protocol}, **more}


def router(*ports: tuple[int, str]) -> Spec:
    """A virtual router with listeners."""
    return {"listeners": [listener(protocol, port) for port, protocol in ports]}


def to(
    targets: str | Mapping[str, int] | list[Spec],
    protocol: str = "http",
    *,
    priority: int | None = None,
    rule: Spec | None = None,
    **match: object,
) -> Spec:
    """A route: whatever is matched goes to the targets. `rule` holds its other members, such as a timeout."""
    weights = {targets: 1} if isinstance(targets, str) else targets
    listed = (
        [{"virtualNode": name, "weight": weight} for name, weight in weights.items()]
        if isinstance(weights, Mapping)
        else weights
    )
    found: Spec = {"action": {"weightedTargets": listed}, **(rule or {})}
    if protocol != "tcp" or match:
        found["match"] = match or ({} if protocol == "grpc" else {"prefix": "/"})
    spec: Spec = {ROUTE_OF[protocol]: found}
    return spec if priority is None else {"priority": priority, **spec}


def into(
    service: str,
    protocol: str = "http",
    *,
    priority: int | None = None,
    rewrite: Spec | None = None,
    target_port: int | None = None,
    **match: object,
) -> Spec:
    """A gateway route: whatever is matched goes to the service."""
    target: Spec = {"virtualService": {"virtualServiceName": service}}
    if target_port is not None:
        target["port"] = target_port
    action: Spec = {"target": target} if rewrite is None else {"target": target, "rewrite": rewrite}
    usual = {} if protocol == "grpc" else {"prefix": "/"}
    spec: Spec = {ROUTE_OF[protocol]: {"match": match or usual, "action": action}}
    return spec if priority is None else {"priority": priority, **spec}
