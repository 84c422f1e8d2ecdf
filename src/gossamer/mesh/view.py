"""All that one proxy needs, no more: what a virtual node's proxies are compiled from.

Two equal views compile to the same bytes. `inputs` are the resources that were looked at, there or not,
routes through their router: a change to any other resource leaves the view as it is.
"""

from dataclasses import dataclass, field

from gossamer.mesh.client_tls import ClientTls
from gossamer.mesh.surroundings import Needs, Surroundings
from gossamer.model.kind import Ref
from gossamer.model.listener import Listener
from gossamer.model.mesh import EgressFilterType
from gossamer.model.port_mapping import PortProtocol
from gossamer.model.route import GrpcRoute, HttpRoute, TcpRoute
from gossamer.model.service_discovery import IpPreference, ServiceDiscovery
from gossamer.model.virtual_node import VirtualNodeSpec


@dataclass(frozen=True, slots=True)
class Destination:
    """One listener of a virtual node, as one client reaches it: what becomes an egress cluster.

    `addresses` are those that Cloud Map lists; None if nobody has looked yet, or DNS is asked instead.
    `is_cut_off` says that it must not be reached: its certificate would be checked against nothing.
    `apart` is the service whose client policy makes it differ from the same listener for others.
    """

    node: str
    listener: Listener
    discovery: ServiceDiscovery
    ip_preference: IpPreference | None
    addresses: tuple[str, ...] | None = None
    tls: ClientTls | None = None
    is_cut_off: bool = False
    apart: str = ""


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
    """What the proxies of one virtual node are compiled from; `services` by port and name.

    `needs` is what was looked for outside of the mesh, `outside` what of it is known.
    """

    mesh: str
    node: str
    spec: VirtualNodeSpec
    egress: EgressFilterType
    ip_preference: IpPreference | None
    services: tuple[ServicePort, ...]
    inputs: frozenset[Ref]
    needs: Needs = field(default_factory=Needs)
    outside: Surroundings = field(default_factory=Surroundings)

    def destinations(self) -> tuple[Destination, ...]:
        """Every destination that a route of this proxy names, once, in a steady order."""
        found = {
            (place.node, place.listener.port_mapping.port, place.apart): place
            for service in self.services
            for route in service.routes
            for target in route.targets
            for place in (target.destination,)
        }
        return tuple(found[key] for key in sorted(found))
