"""Targets: shares that cannot be met, gRPC to who speaks HTTP/1.1, names that HTTP cannot carry, self-calls.

Source: App Mesh user guide, routes; gRPC over HTTP/2.
"""

from collections.abc import Iterator

from gossamer.analysis.finding import Finding
from gossamer.analysis.rule import GRPC_OVER_HTTP1, LOST_SHARE, SELF_CALL, UNSENDABLE_NAME
from gossamer.compile.gateway_route import rewrites_host
from gossamer.explain.request import is_authority
from gossamer.mesh.problem import listed
from gossamer.mesh.resolve import node_view, proxy_view, router_ports
from gossamer.mesh.route_problems import typed_rule
from gossamer.mesh.snapshot import Mesh
from gossamer.mesh.view import GatewayView, ResolvedRoute
from gossamer.model.kind import Kind
from gossamer.model.port_mapping import PortProtocol


def doubtful_targets(mesh: Mesh) -> Iterator[Finding]:
    """Every route whose targets are not what they seem."""
    for router in mesh.names(Kind.VIRTUAL_ROUTER):
        specs = dict(mesh.routes_of(router))
        for port in router_ports(mesh, router):
            for route in port.routes:
                ref = mesh.ref(Kind.ROUTE, route.name, router)
                written = typed_rule(specs[route.name])[1].action.weighted_targets
                weighted = sum(one.weight > 0 for one in written)
                reached = [one for one in route.targets if one.weight > 0]
                if 0 < len(reached) < weighted:
                    names = listed(one.destination.node for one in reached)
                    why = f"of {weighted} targets with a weight only {names} can be reached: it takes all"
                    yield Finding(LOST_SHARE, ref, why)
                for why in _http1(port.protocol, route):
                    yield Finding(GRPC_OVER_HTTP1, ref, why)


def _http1(protocol: PortProtocol, route: ResolvedRoute) -> Iterator[str]:
    for one in route.targets if protocol is PortProtocol.GRPC else ():
        mapping = one.destination.listener.port_mapping
        if mapping.protocol is PortProtocol.HTTP:
            yield f"is of grpc, and port {mapping.port} of virtual node {one.destination.node} speaks http"


def unsendable_names(mesh: Mesh) -> Iterator[Finding]:
    """Every gateway route to a service by whose name no request can ask for it."""
    for gateway in mesh.names(Kind.VIRTUAL_GATEWAY):
        view = proxy_view(mesh, mesh.ref(Kind.VIRTUAL_GATEWAY, gateway))
        for route in view.routes if isinstance(view, GatewayView) else ():
            if rewrites_host(route) and not is_authority(route.service):
                why = f"the gateway is to send {route.service} as the host, which HTTP cannot carry"
                yield Finding(UNSENDABLE_NAME, mesh.ref(Kind.GATEWAY_ROUTE, route.name, gateway), why)


def self_calls(mesh: Mesh) -> Iterator[Finding]:
    """Every node that is a target of what it calls."""
    for name in mesh.names(Kind.VIRTUAL_NODE):
        view = node_view(mesh, name)
        services = {
            service.service
            for service in (view.services if view is not None else ())
            for route in service.routes
            for target in route.targets
            if target.destination.node == name
        }
        if services:
            why = f"has {listed(sorted(services))} as a backend, which leads to itself"
            yield Finding(SELF_CALL, mesh.ref(Kind.VIRTUAL_NODE, name), why)
