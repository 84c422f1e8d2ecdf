"""The table of contents of a virtual node's proxies: which messages they get, and what each needs.

NodeView -> Resources
"""

from collections.abc import Iterator

from gossamer.compile import cluster, names
from gossamer.compile.destination import (
    cluster_names,
    compiled_cluster,
    compiled_routes,
    destination_parts,
    shared,
)
from gossamer.compile.egress import EgressPort, egress_ports
from gossamer.compile.listener import egress_listener, ingress_listener
from gossamer.compile.memory import remembered_by_name
from gossamer.compile.resources import Compiled, Part, ResourceType, part
from gossamer.compile.virtual_host import allow_all_virtual_host, egress_virtual_hosts, ingress_virtual_host
from gossamer.mesh.view import NodeView
from gossamer.model.listener import Listener
from gossamer.model.mesh import EgressFilterType
from gossamer.model.port_mapping import PortProtocol
from gossamer.model.service_discovery import IpPreference


def node_parts(view: NodeView) -> tuple[Part, ...]:
    """All that the proxies of one virtual node get: the same view gives the same bytes."""
    ports = tuple(egress_ports(view.services))
    alone, doors = view.without_services(), tuple(port.without_services() for port in ports)
    return (
        part(ingress, alone),
        *destination_parts(view, (listener.tls for listener in view.spec.listeners or ())),
        part(egress, alone, doors),
        *(part(egress_routes, view.mesh, view.egress, port) for port in ports if port.tcp is None),
    )


def ingress(node: NodeView) -> Iterator[Compiled]:
    """What comes in: the own application, what takes connections for it, and what is done with requests."""
    tcp = set()
    for one in node.spec.listeners or ():
        local = _ingress_cluster(node.mesh, node.node, one, node.ip_preference)
        yield local
        if one.port_mapping.protocol is PortProtocol.TCP:
            tcp.add(local.name)
        else:
            yield _ingress_routes(node.mesh, node.node, one)
    listener = ingress_listener(node)
    if listener is not None:
        yield Compiled(ResourceType.LISTENER, listener.name, listener, frozenset(tcp))


def _ingress_cluster(mesh: str, node: str, listener: Listener, preference: IpPreference | None) -> Compiled:
    return compiled_cluster(cluster.ingress_cluster(mesh, node, listener, preference))


def _ingress_routes(mesh: str, node: str, listener: Listener) -> Compiled:
    port, protocol = listener.port_mapping.port, listener.port_mapping.protocol
    local = names.ingress_cluster(mesh, node, protocol, port)
    name = names.ingress_route_configuration(protocol, port)
    return compiled_routes(name, [ingress_virtual_host(local, listener)])


def egress(node: NodeView, ports: tuple[EgressPort, ...]) -> Iterator[Compiled]:
    """What goes out: a listener, with the clusters that it sends to without asking a route."""
    passed = (names.aws_cluster(node.mesh), *_anything(node.mesh, node.egress))
    yield from (_passthrough_cluster(name) for name in passed)
    tcp = cluster_names(node.mesh, (port.tcp for port in ports if port.tcp is not None))
    listener = egress_listener(node, ports)
    yield Compiled(ResourceType.LISTENER, listener.name, listener, tcp.union(passed))


@remembered_by_name
def _passthrough_cluster(name: str) -> Compiled:
    return shared(compiled_cluster(cluster.passthrough_cluster(name)))


def egress_routes(mesh: str, egress_filter: EgressFilterType, port: EgressPort) -> Iterator[Compiled]:
    """What is done with a request on the way out, by host."""
    hosts = egress_virtual_hosts(mesh, port.services)
    if egress_filter is EgressFilterType.ALLOW_ALL:
        hosts.append(allow_all_virtual_host(mesh))
    yield compiled_routes(port.route_configuration, hosts)


def _anything(mesh: str, egress_filter: EgressFilterType) -> frozenset[str]:
    allows_all = egress_filter is EgressFilterType.ALLOW_ALL
    return frozenset({names.allow_all_cluster(mesh)} if allows_all else ())
