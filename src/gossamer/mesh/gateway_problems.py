"""What cannot work in virtual gateways and their gateway routes, in plain words.

Source: App Mesh user guide, virtual gateways, gateway routes, troubleshooting; App Mesh roadmap issue 233.
"""

from collections.abc import Iterator

from gossamer.contract import EGRESS_PORT
from gossamer.mesh.problem import Problem, Said, Trouble, listed, missing, problems_of, unused
from gossamer.mesh.resolve import gateway_rule_for, service_ports
from gossamer.mesh.snapshot import Mesh
from gossamer.model.gateway_route import GatewayRouteSpec, GatewayRouteTarget
from gossamer.model.kind import Kind
from gossamer.model.port_mapping import PortProtocol
from gossamer.model.virtual_gateway import VirtualGatewaySpec


def gateway_problems(mesh: Mesh) -> Iterator[Problem]:
    """Everything that cannot work in the gateways of a mesh."""
    for gateway in mesh.names(Kind.VIRTUAL_GATEWAY):
        spec = mesh.virtual_gateway(gateway)
        if spec is None:
            continue
        ref = mesh.ref(Kind.VIRTUAL_GATEWAY, gateway)
        if any(one.port_mapping.port == EGRESS_PORT for one in spec.listeners):
            yield Problem(
                ref, f"listens on port {EGRESS_PORT}, which its Envoy needs for itself", Trouble.RESERVED_PORT
            )
        for listener in spec.listeners:
            if listener.health_check is not None:
                port = listener.port_mapping.port
                why = f"has a health check on port {port}, which nobody makes: no proxy calls a gateway"
                yield Problem(ref, why, Trouble.NO_CHECK)
        routes = mesh.gateway_routes_of(gateway)
        if not routes:
            yield Problem(ref, "has no gateway routes, so it answers 404", Trouble.NO_ANSWER)
        for name, route in routes:
            ref = mesh.ref(Kind.GATEWAY_ROUTE, name, gateway)
            yield from problems_of(ref, _gateway_route(mesh, spec, route))


def _gateway_route(mesh: Mesh, gateway: VirtualGatewaySpec, route: GatewayRouteSpec) -> Iterator[Said]:
    mappings = [one.port_mapping for one in gateway.listeners]
    rule = route.http_route or route.http2_route or route.grpc_route
    if rule is None:
        return
    spoken = [one.port for one in mappings if gateway_rule_for(route, one.protocol) is not None]
    yield from unused("gateway", mappings, spoken, rule.match.port)
    yield from _target(mesh, rule.action.target)


def _target(mesh: Mesh, target: GatewayRouteTarget) -> Iterator[Said]:
    name = target.virtual_service.virtual_service_name
    if mesh.virtual_service(name) is None:
        yield Trouble.DANGLING, f"target {missing(mesh, Kind.VIRTUAL_SERVICE, name)}"
        return
    ports = service_ports(mesh, name)
    http = [one.port for one in ports if one.protocol is not PortProtocol.TCP]
    if ports and not http:
        yield Trouble.PROTOCOL_CLASH, f"target {name} speaks TCP, which gateways do not"
    elif target.port is None and len(http) > 1:
        several = listed(http)
        why = f"target {name} has several ports ({several}) and the target names none, so it answers 404"
        yield Trouble.NO_SUCH_PORT, why
    elif target.port is not None and http and target.port not in http:
        yield Trouble.NO_SUCH_PORT, f"target {name} has no port {target.port}: it has {listed(http)}"
