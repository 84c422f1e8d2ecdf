"""What must exist, and what is in use: the rules that one resource alone cannot tell.

Source: App Mesh user guide, the pages of each kind; sentences as the managed service was seen to say them,
and the same pattern for the others.
"""

from collections.abc import Iterator
from typing import Final

from gossamer.errors import InUse, InvalidSpec, LimitExceeded, NotFound, Violation
from gossamer.model.action import WeightedTarget
from gossamer.model.gateway_route import GatewayRouteSpec
from gossamer.model.kind import Kind, Ref
from gossamer.model.port_mapping import PortProtocol
from gossamer.model.route import GrpcRoute, HttpRoute, RouteSpec, TcpRoute
from gossamer.model.spec import Spec
from gossamer.model.virtual_node import VirtualNodeSpec
from gossamer.model.virtual_router import VirtualRouterSpec
from gossamer.model.virtual_service import VirtualServiceSpec
from gossamer.store.neighbours import Neighbours
from gossamer.store.store import Rules

_NEEDS_PORT: Final = "Route must define a port match criteria if the Virtual Router has multiple listeners"
_LISTED_ROUTES: Final = 5

#: What keeps a mesh from being deleted, in the order in which it is told.
_CHILDREN: Final = (
    Kind.VIRTUAL_SERVICE,
    Kind.VIRTUAL_GATEWAY,
    Kind.VIRTUAL_ROUTER,
    Kind.VIRTUAL_NODE,
)


def check_write(near: Neighbours, ref: Ref, spec: Spec, before: Spec | None, rules: Rules) -> None:
    """Refuse a creation, or an update of `before`, that breaks a rule between resources.

    Raises: InvalidSpec, LimitExceeded; with strict references also NotFound.
    """
    match spec:
        case RouteSpec():
            _check_route(near, ref, spec)
        case VirtualRouterSpec() if isinstance(before, VirtualRouterSpec):
            _check_listeners(near, ref, before, spec)
        case VirtualNodeSpec():
            if len(spec.backends or ()) > rules.limits.backends:
                raise LimitExceeded(f"Backends of VirtualNode {ref.name}", rules.limits.backends)
        case _:
            pass
    if rules.strict_references:
        _check_used(near, ref, spec)


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
            for name in sorted({target.virtual_node for target in _targets(spec)}):
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
        names = ", ".join(near.some_users(ref, Kind.GATEWAY_ROUTE, _LISTED_ROUTES))
        raise InUse(ref, f"is being referenced in the following: GATEWAY_ROUTE: [{names}]")
    if Kind.ROUTE in users:
        raise InUse(ref, "it is the target of one or more routes.")
    if Kind.VIRTUAL_SERVICE in users:
        raise InUse(ref, "it is a VirtualService provider")


def _check_used(near: Neighbours, ref: Ref, spec: Spec) -> None:
    for kind, name in used_by(spec):
        other = Ref(ref.account, ref.mesh, kind, name)
        if not near.is_there(other):
            raise NotFound(other)


def _check_route(near: Neighbours, ref: Ref, spec: RouteSpec) -> None:
    """A route's ports must be those of its router and of its targets."""
    router = near.spec(Ref(ref.account, ref.mesh, Kind.VIRTUAL_ROUTER, ref.parent or ""))
    broken = [*_match_port(spec, router), *_target_ports(near, spec)]
    if broken:
        raise InvalidSpec(broken)


def _match_port(spec: RouteSpec, router: Spec | None) -> Iterator[Violation]:
    """A port is needed once the router has several listeners, and must be that of one of them."""
    if not isinstance(router, VirtualRouterSpec):
        return
    ports = _protocols(router)
    for member, rule in _rules(spec):
        port = _port(rule)
        if port is None and len(ports) > 1:
            yield Violation("", _NEEDS_PORT)
        elif port is not None and ports and port not in ports:
            allowed = ", ".join(map(str, sorted(ports)))
            yield Violation(
                f"spec.{member}.match.port", f"must be a port that the virtual router listens on: {allowed}"
            )


def _target_ports(near: Neighbours, spec: RouteSpec) -> Iterator[Violation]:
    """A target's port is needed when its virtual node has several listeners."""
    nodes = near.virtual_nodes(target.virtual_node for target in _targets(spec) if target.port is None)
    for member, rule in _rules(spec):
        for index, target in enumerate(rule.action.weighted_targets):
            node = nodes.get(target.virtual_node)
            if target.port is None and isinstance(node, VirtualNodeSpec) and len(node.listeners or ()) > 1:
                path = f"spec.{member}.action.weightedTargets[{index}].port"
                yield Violation(
                    path, f"is required, since virtual node {target.virtual_node} has multiple listeners"
                )


def _check_listeners(near: Neighbours, ref: Ref, before: VirtualRouterSpec, after: VirtualRouterSpec) -> None:
    """A router's listeners may not change under the routes that use them."""
    if before.listeners == after.listeners:
        return
    routes = {
        name: spec for name, spec in near.under(ref.name, Kind.ROUTE).items() if isinstance(spec, RouteSpec)
    }
    if len(after.listeners or ()) > 1:
        _check_all_have_ports(routes)
    stranded = [name for name, spec in routes.items() if _is_stranded(spec, before, after)]
    if stranded:
        names = ", ".join(stranded[:_LISTED_ROUTES])
        why = f"must keep the ports and protocols that Routes of this Virtual Router use: [{names}]"
        raise InvalidSpec([Violation("spec.listeners", why)])


def _check_all_have_ports(routes: dict[str, RouteSpec]) -> None:
    missing = [name for name, spec in routes.items() if any(_port(rule) is None for _, rule in _rules(spec))]
    if missing:
        names = ", ".join(missing[:_LISTED_ROUTES])
        why = (
            "All Routes for this Virtual Router must define a port match before adding multiple listeners to"
            f" this Virtual Router. {len(missing)} Route(s) are missing port."
            f" Listing up to {_LISTED_ROUTES} route names: [{names}]"
        )
        raise InvalidSpec([Violation("", why)])


def _is_stranded(route: RouteSpec, before: VirtualRouterSpec, after: VirtualRouterSpec) -> bool:
    """Whether a rule had a listener of its port and protocol, and has none any more.

    A rule that fits no listener now did no harm before: routes may be of another type than their router.
    """
    return any(_fits(rule, before) and not _fits(rule, after) for rule in _typed_rules(route))


def _fits(rule: tuple[PortProtocol, int | None], router: VirtualRouterSpec) -> bool:
    protocol, port = rule
    return any(found is protocol and port in (None, at) for at, found in _protocols(router).items())


def _typed_rules(route: RouteSpec) -> Iterator[tuple[PortProtocol, int | None]]:
    for member, rule in _rules(route):
        yield _PROTOCOLS[member], _port(rule)


_PROTOCOLS: Final = {
    "httpRoute": PortProtocol.HTTP,
    "http2Route": PortProtocol.HTTP2,
    "grpcRoute": PortProtocol.GRPC,
    "tcpRoute": PortProtocol.TCP,
}


def _rules(spec: RouteSpec) -> Iterator[tuple[str, HttpRoute | GrpcRoute | TcpRoute]]:
    """The rules that a route holds, each with its member's name on the wire."""
    if spec.http_route is not None:
        yield "httpRoute", spec.http_route
    if spec.http2_route is not None:
        yield "http2Route", spec.http2_route
    if spec.grpc_route is not None:
        yield "grpcRoute", spec.grpc_route
    if spec.tcp_route is not None:
        yield "tcpRoute", spec.tcp_route


def _targets(spec: RouteSpec) -> Iterator[WeightedTarget]:
    for _, rule in _rules(spec):
        yield from rule.action.weighted_targets


def _port(rule: HttpRoute | GrpcRoute | TcpRoute) -> int | None:
    return None if rule.match is None else rule.match.port


def _protocols(router: VirtualRouterSpec) -> dict[int, PortProtocol]:
    return {one.port_mapping.port: one.port_mapping.protocol for one in router.listeners or ()}
