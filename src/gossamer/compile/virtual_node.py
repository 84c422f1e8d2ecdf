"""The table of contents of a virtual node's proxies: which messages they get, and what each needs.

NodeView -> Resources
"""

from collections.abc import Iterator

from gossamer.compile import cluster, names
from gossamer.compile.destination import (
    cluster_names,
    clusters_behind,
    compiled_cluster,
    compiled_routes,
    destination_clusters,
    endpoints,
    route_configuration,
    secrets,
    shared,
)
from gossamer.compile.egress import EgressPort, egress_ports
from gossamer.compile.listener import egress_listener, ingress_listener
from gossamer.compile.memory import remembered
from gossamer.compile.resources import Compiled, Resources, ResourceType
from gossamer.compile.virtual_host import allow_all_virtual_host, egress_virtual_hosts, ingress_virtual_host
from gossamer.mesh.view import NodeView
from gossamer.model.listener import Listener
from gossamer.model.mesh import EgressFilterType
from gossamer.model.port_mapping import PortProtocol
from gossamer.model.service_discovery import IpPreference


def node_resources(view: NodeView) -> Resources:
    """All that the proxies of one virtual node get: the same view gives the same bytes."""
    ports = tuple(egress_ports(view.services))
    return Resources(
        (
            *clusters(view),
            *secrets(view, (listener.tls for listener in view.spec.listeners or ())),
            *endpoints(view),
            *listeners(view, ports),
            *ingress_routes(view),
            *egress_routes(view, ports),
        )
    )


def clusters(view: NodeView) -> Iterator[Compiled]:
    """Where requests can go: the own application, other nodes, AWS, and anywhere if that is let out."""
    for listener in view.spec.listeners or ():
        yield _ingress_cluster(view.mesh, view.node, listener, view.ip_preference)
    yield from destination_clusters(view)
    yield _passthrough_cluster(names.aws_cluster(view.mesh))
    if view.egress is EgressFilterType.ALLOW_ALL:
        yield _passthrough_cluster(names.allow_all_cluster(view.mesh))


@remembered
def _ingress_cluster(mesh: str, node: str, listener: Listener, preference: IpPreference | None) -> Compiled:
    return shared(compiled_cluster(cluster.ingress_cluster(mesh, node, listener, preference)))


@remembered
def _passthrough_cluster(name: str) -> Compiled:
    return shared(compiled_cluster(cluster.passthrough_cluster(name)))


def listeners(view: NodeView, ports: tuple[EgressPort, ...]) -> Iterator[Compiled]:
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
    tcp = cluster_names(view.mesh, (port.tcp for port in ports if port.tcp is not None))
    needs = {names.aws_cluster(view.mesh), *tcp, *_anything(view)}
    yield Compiled(ResourceType.LISTENER, egress.name, egress, frozenset(needs))


def ingress_routes(view: NodeView) -> Iterator[Compiled]:
    """What is done with a request on the way in, by port."""
    for listener in view.spec.listeners or ():
        if listener.port_mapping.protocol is not PortProtocol.TCP:
            yield _ingress_routes(view.mesh, view.node, listener)


@remembered
def _ingress_routes(mesh: str, node: str, listener: Listener) -> Compiled:
    port, protocol = listener.port_mapping.port, listener.port_mapping.protocol
    local = names.ingress_cluster(mesh, node, protocol, port)
    name = names.ingress_route_configuration(protocol, port)
    routes = route_configuration(name, [ingress_virtual_host(local, listener)])
    return shared(compiled_routes(routes, {local}))


def egress_routes(view: NodeView, ports: tuple[EgressPort, ...]) -> Iterator[Compiled]:
    """What is done with a request on the way out, by port and host."""
    for one in ports:
        if one.tcp is None:
            hosts = egress_virtual_hosts(view.mesh, one.services)
            if view.egress is EgressFilterType.ALLOW_ALL:
                hosts.append(allow_all_virtual_host(view.mesh))
            needs = _anything(view).union(*(clusters_behind(view.mesh, service) for service in one.services))
            yield compiled_routes(route_configuration(one.route_configuration, hosts), needs)


def _anything(view: NodeView) -> set[str]:
    return {names.allow_all_cluster(view.mesh)} if view.egress is EgressFilterType.ALLOW_ALL else set()
