"""How the ports of listeners, routes and targets must agree, whichever of them is written.

Once a router or a gateway has several listeners, its routes name the one that they are for; once a node or a
provider has several, whoever sends to it names one. A listener that a route uses stays.
Source: App Mesh user guide, multiple listeners; sentences as the managed service was seen to say them, and
their pattern for the others.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from gossamer.errors import Violation
from gossamer.model.gateway_route import GatewayRouteSpec, GrpcGatewayRoute, HttpGatewayRoute
from gossamer.model.kind import Kind, Ref
from gossamer.model.port_mapping import PortProtocol
from gossamer.model.route import GrpcRoute, HttpRoute, RouteSpec, TcpRoute
from gossamer.model.spec import Spec
from gossamer.model.virtual_gateway import VirtualGatewaySpec
from gossamer.model.virtual_node import VirtualNodeSpec
from gossamer.model.virtual_router import VirtualRouterSpec
from gossamer.model.virtual_service import VirtualServiceSpec
from gossamer.store.neighbours import Neighbours

Rule = HttpRoute | GrpcRoute | TcpRoute | HttpGatewayRoute | GrpcGatewayRoute
AnyRoute = RouteSpec | GatewayRouteSpec
Parent = VirtualRouterSpec | VirtualGatewaySpec

#: How many names a sentence lists.
LISTED: Final = 5


@dataclass(frozen=True, slots=True)
class _Words:
    """What the sentences about one kind of routes call things."""

    noun: str
    parent: str
    needs_port: str


_WORDS: Final = {
    Kind.ROUTE: _Words(
        "Route",
        "Virtual Router",
        "Route must define a port match criteria if the Virtual Router has multiple listeners",
    ),
    Kind.GATEWAY_ROUTE: _Words(
        "GatewayRoute",
        "Virtual Gateway",
        "Gateway route must define a match port if the parent Virtual Gateway has multiple listeners.",
    ),
}

_PROTOCOLS: Final = {
    "httpRoute": PortProtocol.HTTP,
    "http2Route": PortProtocol.HTTP2,
    "grpcRoute": PortProtocol.GRPC,
    "tcpRoute": PortProtocol.TCP,
}


def port_violations(near: Neighbours, ref: Ref, spec: Spec, before: Spec | None) -> Iterator[Violation]:
    """Everything about ports that a creation, or an update of `before`, would put out of order."""
    match spec:
        case RouteSpec():
            yield from _match_ports(near, ref, spec)
            yield from _target_ports(near, spec)
        case GatewayRouteSpec():
            yield from _match_ports(near, ref, spec)
            yield from _gateway_target_ports(near, spec)
        case VirtualServiceSpec() if _has_many_ports(near, spec):
            yield from _sent_to_service(near, ref)
        case VirtualNodeSpec() if _becomes_many(spec, before):
            yield from _sent_to_node(near, ref)
            yield from _sent_through_provider(near, ref)
        case VirtualRouterSpec() | VirtualGatewaySpec():
            if isinstance(before, VirtualRouterSpec | VirtualGatewaySpec):
                yield from _listeners_in_use(near, ref, before, spec)
            if _becomes_many(spec, before):
                yield from _sent_through_provider(near, ref)
        case _:
            return


def rules_of(spec: AnyRoute) -> Iterator[tuple[str, Rule]]:
    """The rules that a route holds, each with its member's name on the wire."""
    if spec.http_route is not None:
        yield "httpRoute", spec.http_route
    if spec.http2_route is not None:
        yield "http2Route", spec.http2_route
    if spec.grpc_route is not None:
        yield "grpcRoute", spec.grpc_route
    if isinstance(spec, RouteSpec) and spec.tcp_route is not None:
        yield "tcpRoute", spec.tcp_route


def _match_ports(near: Neighbours, ref: Ref, spec: AnyRoute) -> Iterator[Violation]:
    """A match names a port once its parent has several listeners, and names that of one of them."""
    kind, words = ref.kind.parent, _WORDS[ref.kind]
    ports = _protocols(None if kind is None else near.spec(near.ref(kind, ref.parent or "")))
    for member, rule in rules_of(spec):
        port = _port(rule)
        if port is None and len(ports) > 1:
            yield Violation(f"spec.{member}.match.port", words.needs_port, is_verbatim=True)
        elif port is not None and ports and port not in ports:
            allowed = ", ".join(map(str, sorted(ports)))
            why = f"must be a port that the {words.parent.lower()} listens on: {allowed}"
            yield Violation(f"spec.{member}.match.port", why)


def _target_ports(near: Neighbours, spec: RouteSpec) -> Iterator[Violation]:
    """A target names a port when its virtual node has several listeners."""
    portless = list(_portless_targets(spec))
    nodes = near.named(Kind.VIRTUAL_NODE, (name for _, name in portless))
    for path, name in portless:
        if len(_protocols(nodes.get(name))) > 1:
            yield Violation(path, f"is required, since virtual node {name} has multiple listeners")


def _gateway_target_ports(near: Neighbours, spec: GatewayRouteSpec) -> Iterator[Violation]:
    """A target names a port when the provider of its virtual service has several listeners."""
    for path, name in _portless_services(spec):
        if _has_many_ports(near, near.spec(near.ref(Kind.VIRTUAL_SERVICE, name))):
            why = f"is required, since the provider of virtual service {name} has multiple listeners"
            yield Violation(path, why)


def _listeners_in_use(near: Neighbours, ref: Ref, before: Parent, after: Parent) -> Iterator[Violation]:
    """Listeners do not change under the routes that use them."""
    if before.listeners == after.listeners:
        return
    kind = Kind.ROUTE if ref.kind is Kind.VIRTUAL_ROUTER else Kind.GATEWAY_ROUTE
    words, routes = _WORDS[kind], list(_routes(near.under(ref.name, kind)))
    portless = [name for name, spec in routes if any(_port(rule) is None for _, rule in rules_of(spec))]
    if portless and len(_protocols(after)) > 1:
        here = f"this {words.parent}"
        why = _all_must(words, f"for {here}", "define a port match", here, portless)
        yield Violation("spec.listeners", why, is_verbatim=True)
    stranded = [name for name, spec in routes if _is_stranded(spec, before, after)]
    if stranded:
        why = f"must keep the ports and protocols that {words.noun}s of this {words.parent} use"
        yield Violation("spec.listeners", f"{why}: [{_some(stranded)}]")


def _sent_to_node(near: Neighbours, ref: Ref) -> Iterator[Violation]:
    """A node gets no second listener while routes send to it without a port."""
    routes = _routes(near.users_of_kind(ref, Kind.ROUTE))
    portless = [name for name, spec in routes if any(node == ref.name for _, node in _portless_targets(spec))]
    if portless:
        here = "this Virtual Node"
        why = _all_must(_WORDS[Kind.ROUTE], f"to {here}", "define a target port", here, portless)
        yield Violation("spec.listeners", why)


def _sent_through_provider(near: Neighbours, ref: Ref) -> Iterator[Violation]:
    """A provider gets no second listener while gateway routes send to its services without a port."""
    for name, _ in near.users_of_kind(ref, Kind.VIRTUAL_SERVICE):
        yield from _sent_to_service(near, near.ref(Kind.VIRTUAL_SERVICE, name))


def _sent_to_service(near: Neighbours, ref: Ref) -> Iterator[Violation]:
    """A service gets no provider of several listeners while gateway routes send to it without a port."""
    routes = _routes(near.users_of_kind(ref, Kind.GATEWAY_ROUTE))
    portless = [name for name, spec in routes if any(_portless_services(spec))]
    if portless:
        which = f"to Virtual Service {ref.name}"
        why = _all_must(_WORDS[Kind.GATEWAY_ROUTE], which, "define a target port", "its provider", portless)
        yield Violation("", why)


def _all_must(words: _Words, which: str, duty: str, parent: str, missing: Sequence[str]) -> str:
    """The managed service's sentence about the routes of a router, for all that is like it."""
    return (
        f"All {words.noun}s {which} must {duty} before adding multiple listeners to {parent}."
        f" {len(missing)} {words.noun}(s) are missing port."
        f" Listing up to {LISTED} route names: [{_some(missing)}]"
    )


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:LISTED])


def _becomes_many(after: Spec, before: Spec | None) -> bool:
    return len(_protocols(after)) > 1 >= len(_protocols(before))


def _has_many_ports(near: Neighbours, service: Spec | None) -> bool:
    """Whether the provider of a virtual service has several listeners."""
    provider = service.provider if isinstance(service, VirtualServiceSpec) else None
    if provider is None:
        return False
    found = None
    if provider.virtual_router is not None:
        found = near.spec(near.ref(Kind.VIRTUAL_ROUTER, provider.virtual_router.virtual_router_name))
    elif provider.virtual_node is not None:
        found = near.spec(near.ref(Kind.VIRTUAL_NODE, provider.virtual_node.virtual_node_name))
    return len(_protocols(found)) > 1


def _is_stranded(route: AnyRoute, before: Parent, after: Parent) -> bool:
    """Whether a rule had a listener of its port and protocol, and has none any more.

    A rule that fits no listener now did no harm before: routes may be of another type than their router.
    """
    rules = [(_PROTOCOLS[member], _port(rule)) for member, rule in rules_of(route)]
    return any(_fits(*rule, before) and not _fits(*rule, after) for rule in rules)


def _fits(protocol: PortProtocol, port: int | None, parent: Parent) -> bool:
    return any(found is protocol and port in (None, at) for at, found in _protocols(parent).items())


def _protocols(spec: Spec | None) -> dict[int, PortProtocol]:
    """The ports that something listens on, and what it speaks there."""
    match spec:
        case VirtualRouterSpec() | VirtualGatewaySpec() | VirtualNodeSpec():
            return {one.port_mapping.port: one.port_mapping.protocol for one in spec.listeners or ()}
        case _:
            return {}


def _portless_targets(spec: AnyRoute) -> Iterator[tuple[str, str]]:
    """The targets that name no port: where each stands, and its virtual node."""
    for member, rule in rules_of(spec):
        if isinstance(rule, HttpRoute | GrpcRoute | TcpRoute):
            for index, target in enumerate(rule.action.weighted_targets):
                if target.port is None:
                    yield f"spec.{member}.action.weightedTargets[{index}].port", target.virtual_node


def _portless_services(spec: AnyRoute) -> Iterator[tuple[str, str]]:
    """The targets that name no port: where each stands, and its virtual service."""
    for member, rule in rules_of(spec):
        if isinstance(rule, HttpGatewayRoute | GrpcGatewayRoute) and rule.action.target.port is None:
            name = rule.action.target.virtual_service.virtual_service_name
            yield f"spec.{member}.action.target.port", name


def _routes(found: Iterable[tuple[str, Spec]]) -> Iterator[tuple[str, AnyRoute]]:
    return ((name, spec) for name, spec in found if isinstance(spec, RouteSpec | GatewayRouteSpec))


def _port(rule: Rule) -> int | None:
    return None if rule.match is None else rule.match.port
