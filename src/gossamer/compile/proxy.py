"""The table of contents of one proxy: which messages a virtual node's Envoys get, and what each needs.

ProxyView -> Resources
"""

from collections.abc import Iterable, Iterator

from envoy.config.cluster.v3.cluster_pb2 import Cluster
from envoy.config.route.v3.route_components_pb2 import VirtualHost
from envoy.config.route.v3.route_pb2 import RouteConfiguration
from envoy.extensions.transport_sockets.tls.v3.secret_pb2 import Secret

from gossamer.compile import cluster, names
from gossamer.compile.egress import EgressPort, egress_ports
from gossamer.compile.endpoint import load_assignment
from gossamer.compile.listener import egress_listener, ingress_listener
from gossamer.compile.resources import Compiled, Resources, ResourceType
from gossamer.compile.secret import client_secrets, listener_secrets
from gossamer.compile.virtual_host import allow_all_virtual_host, egress_virtual_hosts, ingress_virtual_host
from gossamer.mesh.view import ProxyView, WeightedDestination
from gossamer.model.mesh import EgressFilterType
from gossamer.model.port_mapping import PortProtocol


def resources(view: ProxyView) -> Resources:
    """All that the proxies of one virtual node get: the same view gives the same bytes."""
    ports = tuple(egress_ports(view.services))
    return Resources(
        (
            *clusters(view),
            *secrets(view),
            *endpoints(view),
            *listeners(view, ports),
            *routes(view, ports),
        )
    )


def clusters(view: ProxyView) -> Iterator[Compiled]:
    """Where requests can go: the own application, other nodes, AWS, and anywhere if that is let out."""
    for listener in view.spec.listeners or ():
        yield _cluster(cluster.ingress_cluster(view.mesh, view.node, listener, view.ip_preference))
    for destination in view.destinations():
        yield _cluster(cluster.egress_cluster(view.mesh, destination))
    yield _cluster(cluster.passthrough_cluster(names.aws_cluster(view.mesh)))
    if view.egress is EgressFilterType.ALLOW_ALL:
        yield _cluster(cluster.passthrough_cluster(names.allow_all_cluster(view.mesh)))


def secrets(view: ProxyView) -> Iterator[Compiled]:
    """Certificates and trust, each once, of the listeners and of all that is called."""
    found: dict[str, Secret] = {}
    for listener in view.spec.listeners or ():
        found.update((one.name, one) for one in listener_secrets(listener.tls, view.outside))
    for destination in view.destinations():
        if destination.tls is not None and not destination.is_cut_off:
            found.update((one.name, one) for one in client_secrets(destination.tls, view.outside))
    return (Compiled(ResourceType.SECRET, name, found[name]) for name in sorted(found))


def endpoints(view: ProxyView) -> Iterator[Compiled]:
    """The addresses of clusters whose discovery is ours, not Envoy's own, once somebody has looked.

    Until then the cluster waits, and what needs it waits with it.
    Source: App Mesh API `AwsCloudMapServiceDiscovery`; the port is the listener's, as there.
    """
    for destination in view.destinations():
        if destination.addresses is not None and not destination.is_cut_off:
            name = cluster.egress_cluster_name(view.mesh, destination)
            port = destination.listener.port_mapping.port
            places = load_assignment(name, ((address, port) for address in destination.addresses))
            yield Compiled(ResourceType.ENDPOINT, name, places)


def listeners(view: ProxyView, ports: tuple[EgressPort, ...]) -> Iterator[Compiled]:
    """What takes connections, with the clusters that it sends them to without asking a route."""
    ingress = ingress_listener(view)
    if ingress is not None:
        local = {
            names.ingress_cluster(view.mesh, view.node, one.port_mapping.protocol, one.port_mapping.port)
            for one in view.spec.listeners or ()
            if one.port_mapping.protocol is PortProtocol.TCP
        }
        yield Compiled(ResourceType.LISTENER, ingress.name, ingress, frozenset(local))
    egress = egress_listener(view, ports)
    targets = [target for port in ports if port.tcp is not None for target in port.tcp.targets]
    needs = {names.aws_cluster(view.mesh), *_names(view, targets), *_anything(view)}
    yield Compiled(ResourceType.LISTENER, egress.name, egress, frozenset(needs))


def routes(view: ProxyView, ports: tuple[EgressPort, ...]) -> Iterator[Compiled]:
    """What is done with a request: on the way in by port, on the way out by port and host."""
    for listener in view.spec.listeners or ():
        port, protocol = listener.port_mapping.port, listener.port_mapping.protocol
        if protocol is not PortProtocol.TCP:
            local = names.ingress_cluster(view.mesh, view.node, protocol, port)
            host = ingress_virtual_host(local, listener)
            yield _routes(names.ingress_route_configuration(protocol, port), [host], {local})
    for one in ports:
        if one.tcp is None:
            hosts = egress_virtual_hosts(view.mesh, one.services)
            if view.egress is EgressFilterType.ALLOW_ALL:
                hosts.append(allow_all_virtual_host(view.mesh))
            targets = [
                target for service in one.services for route in service.routes for target in route.targets
            ]
            yield _routes(one.route_configuration, hosts, {*_names(view, targets), *_anything(view)})


def _cluster(message: Cluster) -> Compiled:
    return Compiled(ResourceType.CLUSTER, message.name, message)


def _routes(name: str, hosts: list[VirtualHost], needs: Iterable[str]) -> Compiled:
    message = RouteConfiguration(name=name, virtual_hosts=hosts)
    return Compiled(ResourceType.ROUTE, name, message, frozenset(needs))


def _names(view: ProxyView, targets: Iterable[WeightedDestination]) -> set[str]:
    return {cluster.egress_cluster_name(view.mesh, target.destination) for target in targets}


def _anything(view: ProxyView) -> set[str]:
    return {names.allow_all_cluster(view.mesh)} if view.egress is EgressFilterType.ALLOW_ALL else set()
