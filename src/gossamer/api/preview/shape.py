"""What a caller of the preview API may write.

Shape: where this version left a member open that nothing makes sense without (the port of a listener, the
target of a route), it is required here.
Source: App Mesh API 2018-10-01.
"""

from typing import Annotated, Final

from gossamer.model import health_check, port_mapping
from gossamer.model.names import Hostname, ResourceName, ServiceName
from gossamer.model.port_mapping import PortProtocol
from gossamer.model.rule import Between, Items, Matching, Only
from gossamer.model.spec import Spec

#: What the preview spoke. All else of a newer resource is out of its sight.
SPOKEN: Final = (PortProtocol.HTTP, PortProtocol.TCP)

PreviewProtocol = Annotated[PortProtocol, Only(SPOKEN)]


class PortMapping(port_mapping.PortMapping):
    """Where a listener listens, and what it hears there."""

    protocol: PreviewProtocol
    """The protocol spoken on the port."""


class HealthCheckPolicy(health_check.HealthCheckPolicy):
    """The checks that every client's Envoy makes of every endpoint."""

    protocol: PreviewProtocol
    """The protocol of the check."""


class Listener(Spec):
    """A port of a virtual node."""

    port_mapping: PortMapping
    """The port and its protocol."""
    health_check: HealthCheckPolicy | None = None
    """How clients check the endpoints."""


class DnsServiceDiscovery(Spec):
    """Endpoints from DNS."""

    service_name: Hostname
    """The name to look up; later versions call it `hostname`."""


class ServiceDiscovery(Spec):
    """Where the endpoints are listed."""

    dns: DnsServiceDiscovery | None = None
    """In DNS."""


class VirtualNodeSpec(Spec):
    """What an operator says of a virtual node."""

    listeners: tuple[Listener, ...] | None = None
    """Where the node takes requests."""
    service_discovery: ServiceDiscovery | None = None
    """How clients find the node."""
    backends: tuple[ServiceName, ...] | None = None
    """The names that the node calls; later versions call them virtual services."""


class VirtualRouterSpec(Spec):
    """What an operator says of a virtual router."""

    service_names: Annotated[tuple[ServiceName, ...], Items(0, 10)] | None = None
    """The names that the router answers for; later versions make a virtual service of each."""


class WeightedTarget(Spec):
    """A virtual node and its share of the traffic."""

    virtual_node: ResourceName
    """The node, in the same mesh."""
    weight: Annotated[int, Between(0, 100)]
    """Its share, relative to the sum of all weights of the route."""


class HttpRouteAction(Spec):
    """Where a route sends requests."""

    weighted_targets: Annotated[tuple[WeightedTarget, ...], Items(1, 10)]
    """The nodes that share the requests."""


class HttpRouteMatch(Spec):
    """What a request must be like; without a prefix, every request is."""

    prefix: Annotated[str, Matching("^/", "must start with /")] | None = None
    """How the path starts, letter by letter; `/` takes every path."""


class HttpRoute(Spec):
    """A route of HTTP requests."""

    match: HttpRouteMatch = HttpRouteMatch()
    """Which requests."""
    action: HttpRouteAction
    """Where they go."""


class RouteSpec(Spec):
    """What an operator says of a route."""

    http_route: HttpRoute
    """The one kind of route that this version has."""
