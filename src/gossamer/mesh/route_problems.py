"""What cannot work in virtual routers and their routes, in plain words.

Source: App Mesh user guide, virtual routers, routes, troubleshooting; App Mesh roadmap issues 82 and 204.
"""

from collections.abc import Iterator
from typing import Final

from gossamer.mesh.problem import Problem, Said, Trouble, listed, missing, problems_of, unused
from gossamer.mesh.resolve import Rule, rule_for
from gossamer.mesh.snapshot import Mesh
from gossamer.model.action import WeightedTarget
from gossamer.model.kind import Kind
from gossamer.model.listener import Listener
from gossamer.model.port_mapping import PortMapping, PortProtocol
from gossamer.model.route import RouteSpec

TCP: Final = PortProtocol.TCP


def route_problems(mesh: Mesh) -> Iterator[Problem]:
    """Everything that cannot work in the routers of a mesh."""
    for router in mesh.names(Kind.VIRTUAL_ROUTER):
        spec = mesh.virtual_router(router)
        mappings = [one.port_mapping for one in (spec.listeners or ())] if spec is not None else []
        ref = mesh.ref(Kind.VIRTUAL_ROUTER, router)
        if not mappings:
            yield Problem(ref, "has no listener, so nobody can call its services", Trouble.NO_ANSWER)
        if not mesh.routes_of(router):
            yield Problem(ref, "has no routes, so its services answer 404", Trouble.NO_ANSWER)
        for name, route in mesh.routes_of(router):
            ref = mesh.ref(Kind.ROUTE, name, router)
            yield from problems_of(ref, _route(mesh, route, mappings))


def _route(mesh: Mesh, route: RouteSpec, mappings: list[PortMapping]) -> Iterator[Said]:
    protocol, rule = typed_rule(route)
    spoken = [one.port for one in mappings if rule_for(route, one.protocol) is not None]
    yield from unused("router", mappings, spoken, rule.match.port if rule.match is not None else None)
    targets = rule.action.weighted_targets
    if all(target.weight == 0 for target in targets):
        end = "" if protocol is TCP else ", and answers 503"
        yield Trouble.NO_ANSWER, f"has weights of 0 alone, so it sends nothing on{end}"
    for target in targets:
        yield from _target(mesh, protocol, target)


def typed_rule(route: RouteSpec) -> tuple[PortProtocol, Rule]:
    """The one rule that a route holds, and the protocol that it is for."""
    rules = {protocol: rule_for(route, protocol) for protocol in PortProtocol}
    return next((protocol, rule) for protocol, rule in rules.items() if rule is not None)


def _target(mesh: Mesh, protocol: PortProtocol, target: WeightedTarget) -> Iterator[Said]:
    spec = mesh.virtual_node(target.virtual_node)
    if spec is None:
        yield Trouble.DANGLING, f"target {missing(mesh, Kind.VIRTUAL_NODE, target.virtual_node)}"
        return
    listeners = {one.port_mapping.port: one for one in spec.listeners or ()}
    if not listeners:
        yield Trouble.NO_ANSWER, f"target {target.virtual_node} has no listener, so nothing can be sent to it"
    elif target.port is None and len(listeners) > 1:
        ports = listed(listeners)
        why = f"target {target.virtual_node} has several listeners ({ports}) and the target names no port"
        yield Trouble.NO_SUCH_PORT, why
    elif target.port is not None and target.port not in listeners:
        ports = listed(listeners)
        why = f"target {target.virtual_node} has no listener on port {target.port}: it has {ports}"
        yield Trouble.NO_SUCH_PORT, why
    else:
        port = next(iter(listeners)) if target.port is None else target.port
        yield from _mixed(target.virtual_node, listeners[port], protocol)


def _mixed(node: str, listener: Listener, protocol: PortProtocol) -> Iterator[Said]:
    """Within the HTTP family requests are translated; TCP cannot be."""
    spoken = listener.port_mapping.protocol
    if (spoken is TCP) != (protocol is TCP):
        port = listener.port_mapping.port
        why = f"is of {protocol.value} and its target {node} speaks {spoken.value} on port {port}"
        yield Trouble.PROTOCOL_CLASH, why
