"""What every proxy gets for the places that it sends requests to: clusters, secrets, endpoints.

ProxyView -> Compiled
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from envoy.config.cluster.v3.cluster_pb2 import Cluster
from envoy.config.route.v3.route_pb2 import RouteConfiguration
from envoy.extensions.transport_sockets.tls.v3.secret_pb2 import Secret

from gossamer.compile import cluster
from gossamer.compile.endpoint import load_assignment
from gossamer.compile.memory import remembered
from gossamer.compile.resources import Compiled, Host, Part, ResourceType, part
from gossamer.compile.secret import client_secrets, listener_secrets
from gossamer.mesh.surroundings import Surroundings
from gossamer.mesh.view import Destination, ProxyView, ResolvedRoute
from gossamer.model.tls import ListenerTls

Destinations = tuple[Destination, ...]


def destination_parts(view: ProxyView, listeners: Iterable[ListenerTls | None]) -> tuple[Part, ...]:
    """All that is called, with what protects it and the own listeners."""
    called = view.destinations()
    return (
        part(destination_clusters, view.mesh, called),
        part(secrets, called, tuple(listeners), view.outside),
        part(endpoints, view.mesh, called),
    )


def destination_clusters(mesh: str, called: Destinations) -> Iterator[Compiled]:
    """Each listener of another node that is called."""
    return (egress_cluster(destination, mesh) for destination in called)


def secrets(
    called: Destinations, listeners: tuple[ListenerTls | None, ...], outside: Surroundings
) -> Iterator[Compiled]:
    """Certificates and trust, each once, of the own listeners and of all that is called."""
    found: dict[str, Secret] = {}
    for listener in listeners:
        found.update((one.name, one) for one in listener_secrets(listener, outside))
    for destination in called:
        if destination.tls is not None and not destination.is_cut_off:
            found.update((one.name, one) for one in client_secrets(destination.tls, outside))
    return (Compiled(ResourceType.SECRET, name, found[name]) for name in sorted(found))


def endpoints(mesh: str, called: Destinations) -> Iterator[Compiled]:
    """The addresses of clusters whose discovery is ours, not Envoy's own, once somebody has looked.

    Until then the cluster waits, and what needs it waits with it.
    Source: App Mesh API `AwsCloudMapServiceDiscovery`; the port is the listener's, as there.
    """
    for destination in called:
        if destination.addresses is not None and not destination.is_cut_off:
            name = cluster.egress_cluster_name(mesh, destination)
            port = destination.listener.port_mapping.port
            places = load_assignment(name, ((address, port) for address in destination.addresses))
            yield Compiled(ResourceType.ENDPOINT, name, places)


def cluster_names(mesh: str, routes: Iterable[ResolvedRoute]) -> frozenset[str]:
    """The clusters that some routes send traffic to."""
    return frozenset(
        cluster.egress_cluster_name(mesh, target.destination) for route in routes for target in route.targets
    )


@remembered
def egress_cluster(destination: Destination, mesh: str) -> Compiled:
    """One listener of another node; whoever calls it gets this very one."""
    return shared(compiled_cluster(cluster.egress_cluster(mesh, destination)))


def shared(compiled: Compiled) -> Compiled:
    """What is remembered, so that it is serialised once."""
    return replace(compiled, is_shared=True)


def compiled_cluster(message: Cluster) -> Compiled:
    """A cluster, ready to be published."""
    return Compiled(ResourceType.CLUSTER, message.name, message)


def compiled_routes(name: str, hosts: Sequence[Host], needs: frozenset[str] = frozenset()) -> Compiled:
    """The routes of one port, with what they need beside the clusters of each host."""
    needs = needs.union(*(host.needs for host in hosts))
    return Compiled(ResourceType.ROUTE, name, RouteConfiguration(name=name), needs, hosts=tuple(hosts))
