"""The table of contents of a virtual gateway's proxies: which messages they get, and what each needs.

A gateway binds its ports itself. What it takes goes through its own way out, on the loopback, where the
virtual services' routes are.

GatewayView -> Resources
Source: public configuration dumps of App Mesh gateways; user guide, virtual gateways.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from envoy.config.cluster.v3.cluster_pb2 import Cluster
from envoy.config.route.v3.route_components_pb2 import Route, VirtualHost

from gossamer.compile import names
from gossamer.compile.cluster import self_redirect
from gossamer.compile.destination import (
    cluster_names,
    compiled_cluster,
    compiled_routes,
    destination_parts,
)
from gossamer.compile.egress import HTTP_FAMILY
from gossamer.compile.flat_gateway import flat_routes, is_flat, self_redirect_name
from gossamer.compile.gateway_route import gateway_routes
from gossamer.compile.listener import gateway_egress_listener, gateway_listener
from gossamer.compile.resources import Compiled, Host, Part, ResourceType, part
from gossamer.compile.virtual_host import gateway_virtual_hosts
from gossamer.contract import EGRESS_PORT
from gossamer.mesh.view import GatewayView, ResolvedGatewayRoute, ResolvedRoute
from gossamer.model.virtual_gateway import VirtualGatewayListener


def gateway_parts(view: GatewayView) -> tuple[Part, ...]:
    """All that the proxies of one virtual gateway get: the same view gives the same bytes."""
    return (
        part(own, view.without_services()),
        *destination_parts(view, (listener.tls for listener in view.spec.listeners)),
        part(egress_routes, view),
        part(ingress_routes, view),
    )


def own(gateway: GatewayView) -> Iterator[Compiled]:
    """What takes connections: each of the gateway's ports, and the way out, by each listener's limits."""
    for listener in gateway.spec.listeners:
        yield compiled_cluster(_self_redirect(gateway, listener))
        message = gateway_listener(gateway, listener)
        yield Compiled(ResourceType.LISTENER, message.name, message)
    egress = gateway_egress_listener(gateway, egress_route_configuration(gateway))
    yield Compiled(ResourceType.LISTENER, egress.name, egress)


def ingress_routes(view: GatewayView) -> Iterator[Compiled]:
    """What is done with a request that comes in, by port; once the way out knows every service."""
    way_out = egress_route_configuration(view)
    for listener in view.spec.listeners:
        port, protocol = listener.port_mapping.port, listener.port_mapping.protocol
        entries = ingress_entries(view, listener)
        needs = {self_redirect_name(view, listener), way_out}
        if is_flat(view, listener):
            own = (entry.route for entry in entries if entry.behind is None)
            needs |= cluster_names(view.mesh, (one for route in own for one in _behind(route)))
        routes = [entry.message for entry in entries]
        host = VirtualHost(name=names.SELF_REDIRECT_VIRTUAL_HOST, domains=["*"], routes=routes)
        name = names.ingress_route_configuration(protocol, port)
        yield compiled_routes(name, [Host(host)], frozenset(needs))


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a listener's routes: of a gateway route, or of one together with a route behind it."""

    route: ResolvedGatewayRoute
    behind: ResolvedRoute | None
    message: Route


def ingress_entries(view: GatewayView, listener: VirtualGatewayListener) -> list[Entry]:
    """What a listener's routes consist of, first match first; what goes straight on before what may not."""
    mine = [route for route in view.routes if route.port == listener.port_mapping.port]
    straight = is_flat(view, listener)
    entries = []
    for route, message in gateway_routes(view, mine, self_redirect_name(view, listener)):
        if straight:
            found = flat_routes(view, route, message.match)
            entries += [Entry(route, behind, flat) for behind, flat in found]
        entries.append(Entry(route, None, message))
    return entries


def _behind(route: ResolvedGatewayRoute) -> tuple[ResolvedRoute, ...]:
    return route.target.routes if route.target is not None else ()


def egress_routes(view: GatewayView) -> Iterator[Compiled]:
    """What is done with a request that goes out, by service."""
    yield compiled_routes(egress_route_configuration(view), gateway_virtual_hosts(view))


def egress_route_configuration(view: GatewayView) -> str:
    """The name of the routes of a gateway's way out."""
    spoken = {listener.port_mapping.protocol for listener in view.spec.listeners}
    return names.egress_route_configuration(min(spoken, key=HTTP_FAMILY.index), EGRESS_PORT)


def _self_redirect(view: GatewayView, listener: VirtualGatewayListener) -> Cluster:
    return self_redirect(self_redirect_name(view, listener), listener)
