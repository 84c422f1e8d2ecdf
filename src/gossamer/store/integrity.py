"""What must exist, and what is in use: the rules that one resource alone cannot tell.

Source: App Mesh user guide, the pages of each kind; sentences as the managed service was seen to say them,
and the same pattern for the others.
"""

from collections.abc import Iterator
from typing import Final

from gossamer.errors import InUse, InvalidSpec, LimitExceeded, NotFound
from gossamer.model.gateway_route import GatewayRouteSpec
from gossamer.model.kind import Kind, Ref
from gossamer.model.route import GrpcRoute, HttpRoute, RouteSpec, TcpRoute
from gossamer.model.spec import Spec
from gossamer.model.virtual_node import VirtualNodeSpec
from gossamer.model.virtual_service import VirtualServiceSpec
from gossamer.store.backend_ports import backend_violations
from gossamer.store.neighbours import Neighbours
from gossamer.store.ports import LISTED, port_violations
from gossamer.store.store import Limits, Rules

#: What keeps a mesh from being deleted, in the order in which it is told.
_CHILDREN: Final = (
    Kind.VIRTUAL_SERVICE,
    Kind.VIRTUAL_GATEWAY,
    Kind.VIRTUAL_ROUTER,
    Kind.VIRTUAL_NODE,
)


def check_write(near: Neighbours, ref: Ref, spec: Spec, before: Spec | None, rules: Rules) -> None:
    """Refuse a creation, or an update of `before`, that breaks a rule between resources.

    Raises: InvalidSpec with every violation, LimitExceeded; with strict references also NotFound.
    """
    violations = (*port_violations(near, ref, spec, before), *backend_violations(near, spec, before))
    if violations:
        raise InvalidSpec(violations)
    _check_size(ref, spec, rules.limits)
    if rules.strict_references:
        _check_used(near, spec)


def check_delete(near: Neighbours, ref: Ref) -> None:
    """Refuse to take away what others still need. A route may always go, also while traffic flows through it.

    Raises: InUse.
    """
    match ref.kind:
        case Kind.MESH:
            _check_empty(near, ref)
        case Kind.VIRTUAL_ROUTER | Kind.VIRTUAL_GATEWAY:
            _check_childless(near, ref)
            _check_unused(near, ref)
        case Kind.VIRTUAL_NODE | Kind.VIRTUAL_SERVICE:
            # A virtual service that is only a backend may go: the backend then leads nowhere.
            _check_unused(near, ref)
        case Kind.ROUTE | Kind.GATEWAY_ROUTE:
            return


def used_by(spec: Spec) -> Iterator[tuple[Kind, str]]:
    """What a resource names in a way that keeps the other from being deleted, each once."""
    match spec:
        case RouteSpec():
            targets = (target for rule in _route_rules(spec) for target in rule.action.weighted_targets)
            for name in sorted({target.virtual_node for target in targets}):
                yield Kind.VIRTUAL_NODE, name
        case VirtualServiceSpec(provider=provider) if provider is not None:
            if provider.virtual_node is not None:
                yield Kind.VIRTUAL_NODE, provider.virtual_node.virtual_node_name
            if provider.virtual_router is not None:
                yield Kind.VIRTUAL_ROUTER, provider.virtual_router.virtual_router_name
        case GatewayRouteSpec():
            rule = spec.http_route or spec.http2_route or spec.grpc_route
            if rule is not None:
                yield Kind.VIRTUAL_SERVICE, rule.action.target.virtual_service.virtual_service_name
        case _:
            return


def _route_rules(spec: RouteSpec) -> Iterator[HttpRoute | GrpcRoute | TcpRoute]:
    rules = (spec.http_route, spec.http2_route, spec.grpc_route, spec.tcp_route)
    return (rule for rule in rules if rule is not None)


def _check_size(ref: Ref, spec: Spec, limits: Limits) -> None:
    """Refuse more backends or targets than one resource may name."""
    match spec:
        case VirtualNodeSpec() if len(spec.backends or ()) > limits.backends:
            raise LimitExceeded(f"Backends of VirtualNode {ref.name}", limits.backends)
        case RouteSpec():
            for rule in _route_rules(spec):
                if len(rule.action.weighted_targets) > limits.weighted_targets:
                    raise LimitExceeded(f"Weighted targets of Route {ref.name}", limits.weighted_targets)
        case _:
            return


def _check_empty(near: Neighbours, ref: Ref) -> None:
    for kind in _CHILDREN:
        if near.has_kind(kind):
            why = f"has active {kind.noun}s, please delete {kind.noun}s before deleting the Mesh"
            raise InUse(ref, why)


def _check_childless(near: Neighbours, ref: Ref) -> None:
    if near.has_under(ref.name, Kind.ROUTE if ref.kind is Kind.VIRTUAL_ROUTER else Kind.GATEWAY_ROUTE):
        noun = "routes" if ref.kind is Kind.VIRTUAL_ROUTER else "gateway routes"
        raise InUse(ref, f"it has one or more {noun}.")


def _check_unused(near: Neighbours, ref: Ref) -> None:
    users = near.users(ref)
    if Kind.GATEWAY_ROUTE in users:
        names = ", ".join(name for name, _ in near.users_of_kind(ref, Kind.GATEWAY_ROUTE)[:LISTED])
        raise InUse(ref, f"is being referenced in the following: GATEWAY_ROUTE: [{names}]")
    if Kind.ROUTE in users:
        raise InUse(ref, "it is the target of one or more routes.")
    if Kind.VIRTUAL_SERVICE in users:
        raise InUse(ref, "it is a VirtualService provider")


def _check_used(near: Neighbours, spec: Spec) -> None:
    for kind, name in used_by(spec):
        other = near.ref(kind, name)
        if not near.is_there(other):
            raise NotFound(other, is_reference=True)
