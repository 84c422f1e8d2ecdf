"""Service → provider → routes → targets: what a virtual node's backends, and gateway routes, mean.

What is missing is left out, never guessed: a backend without a service, a service without a provider, a
target without a node give nothing; `problems` says so in words.
Source: App Mesh user guide, virtual services, virtual routers, routes, gateway routes; App Mesh roadmap
issues 195 and 175.
"""

from collections.abc import Iterator
from typing import TypeVar

from gossamer.mesh.client_policy import backend_policies, default_policy, set_apart
from gossamer.mesh.client_tls import client_tls, discovery_name
from gossamer.mesh.data_plane import ANY_FLEET, Fleet
from gossamer.mesh.findings import NOTHING_OUTSIDE, Finding, Findings
from gossamer.mesh.outlook import Outlook
from gossamer.mesh.snapshot import Mesh
from gossamer.mesh.surroundings import NOWHERE, Surroundings
from gossamer.mesh.view import (
    Destination,
    GatewayView,
    NodeView,
    ProxyView,
    ResolvedGatewayRoute,
    ResolvedRoute,
    ServicePort,
    WeightedDestination,
)
from gossamer.model.action import WeightedTarget
from gossamer.model.gateway_route import (
    GatewayRouteSpec,
    GatewayRouteTarget,
    GrpcGatewayRoute,
    HttpGatewayRoute,
)
from gossamer.model.kind import Kind, Ref
from gossamer.model.listener import Listener
from gossamer.model.mesh import EgressFilterType
from gossamer.model.port_mapping import PortProtocol
from gossamer.model.route import GrpcRoute, HttpRoute, RouteSpec, TcpRoute
from gossamer.model.service_discovery import IpPreference, ServiceDiscovery
from gossamer.model.tls import ClientPolicyTls
from gossamer.model.virtual_gateway import VirtualGatewaySpec
from gossamer.model.virtual_node import VirtualNodeSpec

V = TypeVar("V")

Rule = HttpRoute | GrpcRoute | TcpRoute
GatewayRule = HttpGatewayRoute | GrpcGatewayRoute


class Resolver:
    """Reads one mesh, and what is known around it, and remembers what it looked at."""

    def __init__(
        self, mesh: Mesh, surroundings: Surroundings, findings: Findings, fleet: Fleet = ANY_FLEET
    ) -> None:
        self._mesh = mesh
        self._surroundings = surroundings
        self._findings = findings
        self._fleet = fleet
        self._outlook = Outlook(surroundings)
        self.inputs: set[Ref] = set()

    def gateway_view(self, gateway: str) -> GatewayView | None:
        """All that the proxies of a virtual gateway need; None if there is no such gateway."""
        self._look(Kind.MESH, self._mesh.key.mesh)
        self._look(Kind.VIRTUAL_GATEWAY, gateway)
        spec = self._mesh.virtual_gateway(gateway)
        if spec is None:
            return None
        policy = default_policy(spec.backend_defaults)
        routes = tuple(self._gateway_routes(gateway, spec, policy))
        services = {(one.target.port, one.target.service): one.target for one in routes if one.target}
        self._outlook.shown(listener.tls for listener in spec.listeners)
        return GatewayView(
            mesh=self._mesh.key.mesh,
            gateway=gateway,
            spec=spec,
            ip_preference=self._ip_preference(None),
            services=tuple(services[key] for key in sorted(services)),
            routes=routes,
            inputs=frozenset(self.inputs),
            needs=self._outlook.needs,
            outside=self._outlook.seen(),
            data_plane=self._fleet.data_plane,
        )

    def _gateway_routes(
        self, gateway: str, spec: VirtualGatewaySpec, policy: ClientPolicyTls | None
    ) -> Iterator[ResolvedGatewayRoute]:
        for listener in spec.listeners:
            port, protocol = listener.port_mapping.port, listener.port_mapping.protocol
            for name, route in self._mesh.gateway_routes_of(gateway):
                rule = gateway_rule_for(route, protocol)
                if rule is not None and rule.match.port in (None, port):
                    target = self._gateway_target(rule.action.target, policy)
                    yield ResolvedGatewayRoute(name, route.priority, port, rule, target)

    def _gateway_target(
        self, target: GatewayRouteTarget, policy: ClientPolicyTls | None
    ) -> ServicePort | None:
        """The port of a service that is meant: the one that is named, or the only one; never one of TCP."""
        name = target.virtual_service.virtual_service_name
        found = [one for one in self.service(name, policy) if one.protocol is not PortProtocol.TCP]
        named = [one for one in found if target.port in (None, one.port)]
        return named[0] if len(named) == 1 else None

    def node_view(self, node: str) -> NodeView | None:
        """All that the proxies of a virtual node need; None if there is no such node."""
        self._look(Kind.MESH, self._mesh.key.mesh)
        spec = self._node(node)
        if spec is None:
            return None
        settings = self._mesh.mesh_spec()
        policies = backend_policies(spec)
        found = (one for name, policy in policies.items() for one in self.service(name, policy))
        services = tuple(sorted(found, key=lambda one: (one.port, one.service)))
        self._outlook.shown(listener.tls for listener in spec.listeners or ())
        return NodeView(
            mesh=self._mesh.key.mesh,
            node=node,
            spec=spec,
            egress=settings.egress_filter.type if settings.egress_filter else EgressFilterType.DROP_ALL,
            ip_preference=self._ip_preference(spec.service_discovery),
            # Under one policy every listener is spoken to in one way.
            services=set_apart(services) if len(set(policies.values())) > 1 else services,
            inputs=frozenset(self.inputs),
            needs=self._outlook.needs,
            outside=self._outlook.seen(),
            data_plane=self._fleet.data_plane,
        )

    def service(self, name: str, policy: ClientPolicyTls | None) -> tuple[ServicePort, ...]:
        """A virtual service on each of the ports that clients dial.

        Whoever asked before us may have found them already.
        """
        finding = self._findings.services.get((name, policy))
        if finding is None:
            apart = self._apart()
            found = tuple(apart.service_ports(name, policy))
            finding = self._findings.services.put((name, policy), apart.finding(found))
        return self._known(finding)

    def finding(self, found: V) -> Finding[V]:
        """What was found, with all that was looked at for it."""
        return Finding(found, frozenset(self.inputs), self._outlook.needs)

    def _apart(self) -> "Resolver":
        """Somebody who looks at the same, and has seen nothing yet."""
        return Resolver(self._mesh, self._surroundings, self._findings, self._fleet)

    def _known(self, finding: Finding[V]) -> V:
        """What somebody found: what they looked at was looked at for us."""
        self.inputs |= finding.inputs
        if finding.needs != NOTHING_OUTSIDE:
            self._outlook.needs |= finding.needs
        return finding.found

    def router_ports(self, router: str) -> Iterator[ServicePort]:
        """What a router leads to, for no service of its own, under no client policy."""
        return self._router(router, router, None)

    def service_ports(self, name: str, policy: ClientPolicyTls | None) -> Iterator[ServicePort]:
        """A virtual service on each port, found out anew."""
        self._look(Kind.VIRTUAL_SERVICE, name)
        service = self._mesh.virtual_service(name)
        if service is None or service.provider is None:
            return
        if service.provider.virtual_router is not None:
            yield from self._router(name, service.provider.virtual_router.virtual_router_name, policy)
        elif service.provider.virtual_node is not None:
            yield from self._provider(name, service.provider.virtual_node.virtual_node_name, policy)

    def _provider(self, service: str, node: str, policy: ClientPolicyTls | None) -> Iterator[ServicePort]:
        """A virtual node that provides a service by itself: one catch-all route for each of its listeners."""
        spec = self._node(node)
        for listener in (spec.listeners or ()) if spec is not None else ():
            port = listener.port_mapping.port
            target = WeightedTarget(virtual_node=node, weight=1, port=port)
            targets = tuple(self._target(target, policy))
            route = ResolvedRoute(name=service, priority=None, rule=None, targets=targets)
            yield ServicePort(service, port, listener.port_mapping.protocol, (route,))

    def _router(self, service: str, router: str, policy: ClientPolicyTls | None) -> Iterator[ServicePort]:
        self._look(Kind.VIRTUAL_ROUTER, router)
        spec = self._mesh.virtual_router(router)
        if spec is None:
            return
        for listener in spec.listeners or ():
            port, protocol = listener.port_mapping.port, listener.port_mapping.protocol
            routes = tuple(
                ResolvedRoute(name, route.priority, rule, self._targets(rule, policy))
                for name, route in self._mesh.routes_of(router)
                if (rule := rule_for(route, protocol)) is not None and is_for_port(rule, port)
            )
            yield ServicePort(service, port, protocol, routes)

    def _targets(self, rule: Rule, policy: ClientPolicyTls | None) -> tuple[WeightedDestination, ...]:
        targets = rule.action.weighted_targets
        return tuple(found for target in targets for found in self._target(target, policy))

    def _target(
        self, target: WeightedTarget, policy: ClientPolicyTls | None
    ) -> Iterator[WeightedDestination]:
        key = target.virtual_node, target.port, policy
        finding = self._findings.targets.get(key)
        if finding is None:
            apart = self._apart()
            finding = self._findings.targets.put(key, apart.finding(apart.destination(*key)))
        place = self._known(finding)
        if place is not None:
            yield WeightedDestination(place, target.weight)

    def destination(self, node: str, port: int | None, policy: ClientPolicyTls | None) -> Destination | None:
        """The listener of a node on a port, or its only one, found out anew; None if there is none such."""
        spec = self._node(node)
        if spec is None or spec.service_discovery is None or not spec.listeners:
            return None
        listeners = {listener.port_mapping.port: listener for listener in spec.listeners}
        only = spec.listeners[0] if len(spec.listeners) == 1 else None
        listener = only if port is None else listeners.get(port)
        return (
            self._destination(node, listener, spec.service_discovery, policy)
            if listener is not None
            else None
        )

    def _destination(
        self, node: str, listener: Listener, discovery: ServiceDiscovery, policy: ClientPolicyTls | None
    ) -> Destination:
        preference = self._ip_preference(discovery)
        tls = client_tls(policy, listener, discovery_name(discovery))
        return Destination(
            node,
            listener,
            discovery,
            preference,
            addresses=self._outlook.addresses(discovery, preference),
            tls=tls,
            is_cut_off=self._outlook.is_cut_off(tls),
            speaks_http2=self._fleet.speaks_http2(
                self._mesh.ref(Kind.VIRTUAL_NODE, node), listener, discovery, tls
            ),
        )

    def _ip_preference(self, discovery: ServiceDiscovery | None) -> IpPreference | None:
        """A node's own preference, else the mesh's. Source: App Mesh examples, howto-ipv6."""
        own = None
        if discovery is not None:
            found = discovery.dns or discovery.aws_cloud_map
            own = found.ip_preference if found is not None else None
        if own is not None:
            return own
        self._look(Kind.MESH, self._mesh.key.mesh)
        everywhere = self._mesh.mesh_spec().service_discovery
        return everywhere.ip_preference if everywhere is not None else None

    def _node(self, name: str) -> VirtualNodeSpec | None:
        self._look(Kind.VIRTUAL_NODE, name)
        return self._mesh.virtual_node(name)

    def _look(self, kind: Kind, name: str) -> None:
        self.inputs.add(self._mesh.ref(kind, name))


def rule_for(route: RouteSpec, protocol: PortProtocol) -> Rule | None:
    """The rule of a route that a listener of this protocol can use; a route of another type is not used."""
    match protocol:
        case PortProtocol.HTTP:
            return route.http_route
        case PortProtocol.HTTP2:
            return route.http2_route
        case PortProtocol.GRPC:
            return route.grpc_route
        case PortProtocol.TCP:
            return route.tcp_route


def gateway_rule_for(route: GatewayRouteSpec, protocol: PortProtocol) -> GatewayRule | None:
    """The rule of a gateway route that a listener of this protocol can use, if it is of that type."""
    match protocol:
        case PortProtocol.HTTP:
            return route.http_route
        case PortProtocol.HTTP2:
            return route.http2_route
        case PortProtocol.GRPC:
            return route.grpc_route
        case PortProtocol.TCP:
            return None


def is_for_port(rule: Rule, port: int) -> bool:
    """Whether a rule applies on a listener's port: it names that one, or none."""
    return rule.match is None or rule.match.port in (None, port)


def node_view(mesh: Mesh, node: str, surroundings: Surroundings = NOWHERE) -> NodeView | None:
    """All that the proxies of a virtual node need; None if there is no such node."""
    return Resolver(mesh, surroundings, Findings()).node_view(node)


def service_ports(mesh: Mesh, service: str) -> tuple[ServicePort, ...]:
    """The ports on which a virtual service can be called."""
    return tuple(Resolver(mesh, NOWHERE, Findings()).service(service, None))


def router_ports(mesh: Mesh, router: str) -> tuple[ServicePort, ...]:
    """What a router leads to on each of its ports, whoever its services are."""
    return tuple(Resolver(mesh, NOWHERE, Findings()).router_ports(router))


def proxy_view(
    mesh: Mesh,
    endpoint: Ref,
    surroundings: Surroundings = NOWHERE,
    findings: Findings | None = None,
    fleet: Fleet = ANY_FLEET,
) -> ProxyView | None:
    """All that the proxies of a virtual node or gateway need; None if there is no such endpoint.

    `findings` are those of this very mesh and surroundings.
    """
    resolver = Resolver(mesh, surroundings, findings if findings is not None else Findings(), fleet)
    match endpoint.kind:
        case Kind.VIRTUAL_NODE:
            return resolver.node_view(endpoint.name)
        case Kind.VIRTUAL_GATEWAY:
            return resolver.gateway_view(endpoint.name)
        case _:
            return None
