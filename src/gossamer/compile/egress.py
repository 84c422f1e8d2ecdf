"""What the application can dial, port by port: which services share a port, and who wins where they clash.

A port speaks HTTP or TCP, not both. HTTP wins over TCP; of several TCP services the first by name does.
Services of http, http2 and grpc share one port: what is spoken is found out for each connection, and to
each endpoint its own protocol is spoken.
Source: App Mesh roadmap issues 175, 195; who wins is our choice, `mesh.problems` says so to the operator.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from gossamer.compile import names
from gossamer.compile.action import has_target
from gossamer.compile.route import precedence
from gossamer.mesh.view import ResolvedRoute, ServicePort
from gossamer.model.port_mapping import PortProtocol

#: Whose name a shared port takes.
HTTP_FAMILY: Final = (PortProtocol.HTTP, PortProtocol.HTTP2, PortProtocol.GRPC)


@dataclass(frozen=True, slots=True)
class EgressPort:
    """One port that the application dials: HTTP services under one route configuration, or one TCP route."""

    port: int
    services: tuple[ServicePort, ...]
    route_configuration: str = ""
    tcp: ResolvedRoute | None = None

    def without_services(self) -> "EgressPort":
        """What a listener knows of it: the name of its routes, or where TCP goes."""
        return replace(self, services=())


def egress_ports(services: Iterable[ServicePort]) -> Iterator[EgressPort]:
    """The ports that an application can dial, in order; a TCP service that leads nowhere claims no port."""
    by_port: dict[int, list[ServicePort]] = {}
    for service in services:
        by_port.setdefault(service.port, []).append(service)
    for port, sharing in sorted(by_port.items()):
        http = tuple(one for one in sharing if one.protocol is not PortProtocol.TCP)
        if http:
            protocol = min((one.protocol for one in http), key=HTTP_FAMILY.index)
            yield EgressPort(port, http, names.egress_route_configuration(protocol, port))
            continue
        routes = (route for one in sharing for route in sorted(one.routes, key=precedence))
        tcp = next((route for route in routes if has_target(route.targets)), None)
        if tcp is not None:
            yield EgressPort(port, tuple(sharing), tcp=tcp)
