"""All that one proxy needs, no more: what a virtual node's proxies are compiled from.

Two equal views compile to the same bytes. `inputs` are the resources that were looked at, there or not,
routes through their router: a change to any other resource leaves the view as it is.
"""

from dataclasses import dataclass

from gossamer.model.kind import Ref
from gossamer.model.listener import Listener
from gossamer.model.mesh import EgressFilterType
from gossamer.model.port_mapping import PortProtocol
from gossamer.model.route import GrpcRoute, HttpRoute, TcpRoute
from gossamer.model.service_discovery import IpPreference, ServiceDiscovery
from gossamer.model.virtual_node import VirtualNodeSpec


@dataclass(frozen=True, slots=True)
class Destination:
    """One listener of a virtual node, as its clients reach it: what becomes an egress cluster."""

    node: str
    listener: Listener
    discovery: ServiceDiscovery
    ip_preference: IpPreference | None


@dataclass(frozen=True, slots=True)
class WeightedDestination:
    """A destination with its share of a route's traffic."""

    destination: Destination
    weight: int


@dataclass(frozen=True, slots=True)
class ResolvedRoute:
    """One route with its targets found. `rule` is None for a service that a virtual node provides itself."""

    name: str
    priority: int | None
    rule: HttpRoute | GrpcRoute | TcpRoute | None
    targets: tuple[WeightedDestination, ...]


@dataclass(frozen=True, slots=True)
class ServicePort:
    """A virtual service on one of the ports that clients dial."""

    service: str
    port: int
    protocol: PortProtocol
    routes: tuple[ResolvedRoute, ...]


@dataclass(frozen=True, slots=True)
class ProxyView:
    """What the proxies of one virtual node are compiled from; `services` by port and name."""

    mesh: str
    node: str
    spec: VirtualNodeSpec
    egress: EgressFilterType
    ip_preference: IpPreference | None
    services: tuple[ServicePort, ...]
    inputs: frozenset[Ref]

    def destinations(self) -> tuple[Destination, ...]:
        """Every destination that a route of this proxy names, once, in a steady order."""
        found = {
            (target.destination.node, target.destination.listener.port_mapping.port): target.destination
            for service in self.services
            for route in service.routes
            for target in route.targets
        }
        return tuple(found[key] for key in sorted(found))
