"""All that one proxy needs, no more: what the proxies of a virtual node or gateway are compiled from.

Two equal views compile to the same bytes. `inputs` are the resources that were looked at, there or not,
routes through their router: a change to any other resource leaves the view as it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from gossamer.mesh.client_tls import ClientTls
from gossamer.mesh.data_plane import FAITHFUL, DataPlane
from gossamer.mesh.surroundings import Needs, Surroundings
from gossamer.model.gateway_route import GrpcGatewayRoute, HttpGatewayRoute
from gossamer.model.kind import Ref
from gossamer.model.listener import Listener
from gossamer.model.mesh import EgressFilterType
from gossamer.model.port_mapping import PortProtocol
from gossamer.model.route import GrpcRoute, HttpRoute, TcpRoute
from gossamer.model.service_discovery import IpPreference, ServiceDiscovery
from gossamer.model.timeout import GrpcTimeout, HttpTimeout
from gossamer.model.virtual_gateway import VirtualGatewaySpec
from gossamer.model.virtual_node import VirtualNodeSpec

#: One listener of a virtual node, by port, and the service whose policy sets it apart, if one does.
Place = tuple[str, int, str]


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Destination:
    """One listener of a virtual node, as one client reaches it: what becomes an egress cluster.

    `addresses` are those that Cloud Map lists; None if nobody has looked yet, or DNS is asked instead.
    `is_cut_off` says that it must not be reached: its certificate would be checked against nothing.
    `apart` is the service whose client policy makes it differ from the same listener for others.
    `speaks_http2` says that the proxies in front of an HTTP/1.1 application take HTTP/2; over TLS, that it is
    offered to them.
    """

    node: str
    listener: Listener
    discovery: ServiceDiscovery
    ip_preference: IpPreference | None
    addresses: tuple[str, ...] | None = None
    tls: ClientTls | None = None
    is_cut_off: bool = False
    apart: str = ""
    speaks_http2: bool = False
    place: Place = field(init=False, repr=False, compare=False)
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Count once what is asked for often: what is compiled from it is remembered under it."""
        object.__setattr__(self, "place", (self.node, self.listener.port_mapping.port, self.apart))
        object.__setattr__(self, "_hash", hash((self.node, self.listener, self.discovery, self.tls)))

    def __hash__(self) -> int:
        return self._hash


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

    @property
    def timeout(self) -> HttpTimeout | GrpcTimeout | None:
        """How long its requests may take, if it says so."""
        return self.rule.timeout if isinstance(self.rule, HttpRoute | GrpcRoute) else None


@dataclass(frozen=True, slots=True, weakref_slot=True)
class ServicePort:
    """A virtual service on one of the ports that clients dial."""

    #: Compared first: two that differ are told apart by it, without a look at their routes.
    _hash: int = field(init=False, repr=False)
    service: str
    port: int
    protocol: PortProtocol
    routes: tuple[ResolvedRoute, ...]
    destinations: Mapping[Place, Destination] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Count once what is asked for often: what is compiled from it is remembered under it."""
        object.__setattr__(self, "_hash", hash((self.service, self.port, self.routes)))
        targets = (target.destination for route in self.routes for target in route.targets)
        object.__setattr__(self, "destinations", {one.place: one for one in targets})

    def __hash__(self) -> int:
        return self._hash


@dataclass(frozen=True, slots=True)
class ResolvedGatewayRoute:
    """One gateway route with what its target leads to; `target` is None where that is nothing.

    `port` is that of the gateway's listener.
    """

    name: str
    priority: int | None
    port: int
    rule: HttpGatewayRoute | GrpcGatewayRoute
    target: ServicePort | None

    @property
    def service(self) -> str:
        """The virtual service that it names, there or not."""
        return self.rule.action.target.virtual_service.virtual_service_name


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyView:
    """What the proxies of one mesh endpoint are compiled from; `services` by port and name.

    `needs` is what was looked for outside of the mesh, `outside` what of it is known.
    """

    mesh: str
    ip_preference: IpPreference | None
    services: tuple[ServicePort, ...]
    inputs: frozenset[Ref]
    needs: Needs = field(default_factory=Needs)
    outside: Surroundings = field(default_factory=Surroundings)
    data_plane: DataPlane = FAITHFUL

    def destinations(self) -> tuple[Destination, ...]:
        """Every destination that a route of this proxy names, once, in a steady order."""
        found: dict[Place, Destination] = {}
        for service in self.exits():
            found.update(service.destinations)
        return tuple(found[key] for key in sorted(found))

    def exits(self) -> tuple[ServicePort, ...]:
        """The services whose routes the proxies run."""
        return self.services


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeView(ProxyView):
    """What the proxies of a virtual node are compiled from."""

    node: str
    spec: VirtualNodeSpec
    egress: EgressFilterType

    def without_services(self) -> "NodeView":
        """What does not depend on who is called: what its own listeners are compiled from."""
        return replace(self, services=(), inputs=frozenset(), needs=Needs())


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayView(ProxyView):
    """What the proxies of a virtual gateway are compiled from; `routes` by the port of their listener.

    `leaving` are routes that were there a moment ago, the newest first: requests that they took may still be
    on their way from the gateway's listener to its way out, which goes on serving them. `is_flat` says that
    requests go straight to their node where that is the same: for proxies that can count them as before.
    `ports` are the exits of each service.
    """

    gateway: str
    spec: VirtualGatewaySpec
    routes: tuple[ResolvedGatewayRoute, ...]
    leaving: tuple[ResolvedGatewayRoute, ...] = ()
    is_flat: bool = False
    ports: Mapping[str, tuple[ServicePort, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Sort out once which of the exits are ports of which service."""
        ports: dict[str, tuple[ServicePort, ...]] = {}
        for one in self.exits():
            ports[one.service] = (*ports.get(one.service, ()), one)
        object.__setattr__(self, "ports", ports)

    def without_services(self) -> "GatewayView":
        """What does not depend on who is called: what its own listeners are compiled from."""
        return replace(self, services=(), routes=(), leaving=(), inputs=frozenset(), needs=Needs())

    def exits(self) -> tuple[ServicePort, ...]:
        """The services whose routes the proxies run, after those that are leaving and not gone.

        The newest come last: where two lead to one listener, it is reached as it is now.
        """
        gone = {route.service for route in self.routes if route.target is None}
        current = {(one.port, one.service) for one in self.services}
        left: dict[tuple[int, str], ServicePort] = {}
        for route in self.leaving:
            if (one := route.target) is not None and one.service not in gone:
                left.setdefault((one.port, one.service), one)
        return (*(left[key] for key in reversed(left) if key not in current), *self.services)
