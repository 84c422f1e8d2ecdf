"""What an operator wrote that cannot work, in plain words. Data, never raised: others may yet complete it.

Source: App Mesh user guide, troubleshooting; App Mesh roadmap issues 71, 175, 195 and 362.
"""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

from gossamer.mesh.client_policy import backend_policies
from gossamer.mesh.resolve import node_view, rule_for
from gossamer.mesh.snapshot import Mesh
from gossamer.mesh.view import ServicePort
from gossamer.model.action import WeightedTarget
from gossamer.model.kind import Kind, Ref
from gossamer.model.port_mapping import PortProtocol
from gossamer.model.route import RouteSpec


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that cannot work: whose spec says it, and why it will not do what it says."""

    ref: Ref
    why: str


def problems(mesh: Mesh) -> tuple[Problem, ...]:
    """Everything in a mesh that cannot work, in the order of kind and name."""
    found = (*_nodes(mesh), *_services(mesh), *_routers(mesh))
    return tuple(dict.fromkeys(found))


def _nodes(mesh: Mesh) -> Iterator[Problem]:
    for name in mesh.names(Kind.VIRTUAL_NODE):
        spec = mesh.virtual_node(name)
        ref = mesh.ref(Kind.VIRTUAL_NODE, name)
        for service in backend_policies(spec) if spec is not None else ():
            if mesh.virtual_service(service) is None:
                yield Problem(ref, f"backend {_missing(mesh, Kind.VIRTUAL_SERVICE, service)}")
        view = node_view(mesh, name)
        for clash in _clashes(view.services if view is not None else ()):
            yield Problem(ref, clash)


def _clashes(services: tuple[ServicePort, ...]) -> Iterator[str]:
    """Ports that backends cannot share. Who wins is said where they are compiled, `compile.egress`."""
    for port in sorted({service.port for service in services}):
        sharing = [service for service in services if service.port == port]
        tcp = [service.service for service in sharing if service.protocol is PortProtocol.TCP]
        http = [service.service for service in sharing if service.protocol is not PortProtocol.TCP]
        if tcp and http:
            both = f"TCP for {', '.join(tcp)} and HTTP for {', '.join(http)}"
            yield f"port {port} is {both}: only HTTP is served"
        elif len(tcp) > 1:
            names = ", ".join(tcp)
            yield f"port {port} is TCP for {names}: only {min(tcp)} is served, give each its own port"


def _services(mesh: Mesh) -> Iterator[Problem]:
    for name in mesh.names(Kind.VIRTUAL_SERVICE):
        spec = mesh.virtual_service(name)
        provider = spec.provider if spec is not None else None
        ref = mesh.ref(Kind.VIRTUAL_SERVICE, name)
        if provider is None:
            yield Problem(ref, "has no provider, so nothing answers for it")
        elif (
            provider.virtual_node is not None
            and mesh.virtual_node(provider.virtual_node.virtual_node_name) is None
        ):
            found = provider.virtual_node.virtual_node_name
            yield Problem(ref, f"provider {_missing(mesh, Kind.VIRTUAL_NODE, found)}")
        elif provider.virtual_router is not None:
            found = provider.virtual_router.virtual_router_name
            if mesh.virtual_router(found) is None:
                yield Problem(ref, f"provider {_missing(mesh, Kind.VIRTUAL_ROUTER, found)}")


def _routers(mesh: Mesh) -> Iterator[Problem]:
    for router in mesh.names(Kind.VIRTUAL_ROUTER):
        spec = mesh.virtual_router(router)
        protocols = (
            {one.port_mapping.protocol for one in (spec.listeners or ())} if spec is not None else set()
        )
        if not mesh.routes_of(router):
            yield Problem(mesh.ref(Kind.VIRTUAL_ROUTER, router), "has no routes, so its services answer 404")
        for name, route in mesh.routes_of(router):
            ref = mesh.ref(Kind.ROUTE, name, router)
            if all(rule_for(route, protocol) is None for protocol in protocols):
                spoken = ", ".join(sorted(protocol.value for protocol in protocols)) or "none"
                yield Problem(
                    ref, f"is of another type than the listeners of its router ({spoken}), so it is not used"
                )
            for target in _targets(route):
                yield from _target(mesh, ref, target)


def _targets(route: RouteSpec) -> tuple[WeightedTarget, ...]:
    rule = route.http_route or route.http2_route or route.grpc_route or route.tcp_route
    return rule.action.weighted_targets if rule is not None else ()


def _target(mesh: Mesh, ref: Ref, target: WeightedTarget) -> Iterator[Problem]:
    spec = mesh.virtual_node(target.virtual_node)
    if spec is None:
        yield Problem(ref, f"target {_missing(mesh, Kind.VIRTUAL_NODE, target.virtual_node)}")
        return
    ports = [listener.port_mapping.port for listener in spec.listeners or ()]
    if not ports:
        yield Problem(ref, f"target {target.virtual_node} has no listener, so nothing can be sent to it")
    elif target.port is None and len(ports) > 1:
        yield Problem(ref, f"target {target.virtual_node} has several listeners and the target names no port")
    elif target.port is not None and target.port not in ports:
        yield Problem(ref, f"target {target.virtual_node} has no listener on port {target.port}")
    elif spec.service_discovery is not None and spec.service_discovery.dns is None:
        yield Problem(
            ref, f"target {target.virtual_node} is found through Cloud Map, which is not served yet"
        )


def _missing(mesh: Mesh, kind: Kind, name: str) -> str:
    """That a resource is not there, and which one may have been meant."""
    names = mesh.names(kind)
    # A name without its domain is the likeliest slip: the seed itself makes it.
    near = [one for one in names if name.startswith(f"{one}.") or one.startswith(f"{name}.")]
    near = near or difflib.get_close_matches(name, names, n=1)
    hint = f": did you mean {near[0]}?" if near else ""
    return f"{name} does not exist{hint}"
