"""What a listener does with a connection, by the port that it was meant for -> envoy...FilterChain.

Envoy looks at the destination port first, then at the address range, then at the server name, and never looks
back. So every chain on port 443 states the same address range as the one for AWS does.
Source: public configuration dumps of App Mesh proxies; App Mesh roadmap issues 2 and 79.
"""

from collections.abc import Iterator
from typing import Final

from envoy.config.listener.v3.listener_components_pb2 import Filter, FilterChain, FilterChainMatch
from envoy.extensions.filters.network.direct_response.v3.config_pb2 import Config

from gossamer.compile import names
from gossamer.compile.address import ANYWHERE
from gossamer.compile.egress import EgressPort
from gossamer.compile.flat_gateway import is_flat, self_redirect_name
from gossamer.compile.hcm import http_connection_manager
from gossamer.compile.step_log import step_logs
from gossamer.compile.tcp_proxy import tcp_proxy
from gossamer.compile.tls import Door, doors
from gossamer.compile.value import packed, uint32
from gossamer.contract import EGRESS_PORT
from gossamer.mesh.data_plane import Http2
from gossamer.mesh.view import GatewayView, NodeView
from gossamer.model.listener import Listener
from gossamer.model.mesh import EgressFilterType
from gossamer.model.port_mapping import PortProtocol
from gossamer.model.route import TcpRoute
from gossamer.model.virtual_gateway import VirtualGatewayListener

HTTPS: Final = 443
AWS_NAMES: Final = ("*.amazonaws.com",)


def ingress_chains(view: NodeView, listener: Listener) -> Iterator[FilterChain]:
    """One of the node's own ports: to the application, by each of its doors."""
    port, protocol = listener.port_mapping.port, listener.port_mapping.protocol
    prefix = names.ingress_stat_prefix(protocol, port, listeners=len(view.spec.listeners or ()))
    offers = protocol is PortProtocol.HTTP and view.data_plane.http2 is not Http2.OFF
    for door in doors(listener.tls, protocol, view.outside, offers_http2=offers):
        yield _behind(door, port, _ingress_filter(view, listener, prefix))


def gateway_chains(view: GatewayView, listener: VirtualGatewayListener) -> Iterator[FilterChain]:
    """One of a gateway's ports, by each of its doors."""
    port, protocol = listener.port_mapping.port, listener.port_mapping.protocol
    prefix = names.ingress_stat_prefix(protocol, port, listeners=len(view.spec.listeners))
    routes = names.ingress_route_configuration(protocol, port)
    counts = step_logs(self_redirect_name(view, listener)) if is_flat(view, listener) else []
    for door in doors(listener.tls, protocol, view.outside):
        yield _behind(door, port, http_connection_manager(prefix, routes, view.spec.logging, counts))


def gateway_egress_chain(view: GatewayView, routes: str) -> FilterChain:
    """A gateway's way out: to the virtual services' routes."""
    return FilterChain(
        filter_chain_match=FilterChainMatch(destination_port=uint32(EGRESS_PORT)),
        filters=[http_connection_manager(names.EGRESS, routes, view.spec.logging)],
    )


def _behind(door: Door, port: int, inside: Filter) -> FilterChain:
    """What is behind one door of a port."""
    return FilterChain(
        filter_chain_match=FilterChainMatch(destination_port=uint32(port), transport_protocol=door.transport),
        filters=[closed() if door.is_closed else inside],
        transport_socket=door.socket,
    )


def closed() -> Filter:
    """What ends every connection that comes to it, without a word."""
    return Filter(name="envoy.filters.network.direct_response", typed_config=packed(Config()))


def _ingress_filter(view: NodeView, listener: Listener, prefix: str) -> Filter:
    port, protocol = listener.port_mapping.port, listener.port_mapping.protocol
    if protocol is not PortProtocol.TCP:
        routes = names.ingress_route_configuration(protocol, port)
        return http_connection_manager(prefix, routes, view.spec.logging)
    cluster = names.ingress_cluster(view.mesh, view.node, protocol, port)
    timeout = listener.timeout.tcp if listener.timeout is not None else None
    return tcp_proxy(prefix, cluster, timeout, view.spec.logging)


def egress_chains(view: NodeView, ports: tuple[EgressPort, ...]) -> Iterator[FilterChain]:
    """Every port that the application may dial, then AWS, then the rest if the mesh lets it out."""
    for port in ports:
        yield FilterChain(filter_chain_match=_port_match(port.port), filters=[_egress_filter(view, port)])
    yield _passthrough(view, names.aws_cluster(view.mesh), port=HTTPS, server_names=AWS_NAMES)
    if view.egress is EgressFilterType.ALLOW_ALL:
        anything = names.allow_all_cluster(view.mesh)
        yield _passthrough(view, anything, port=None, server_names=())
        if all(port.port != HTTPS for port in ports):
            yield _passthrough(view, anything, port=HTTPS, server_names=())


def _port_match(port: int) -> FilterChainMatch:
    ranges = ANYWHERE if port == HTTPS else ()
    return FilterChainMatch(destination_port=uint32(port), prefix_ranges=ranges)


def _egress_filter(view: NodeView, port: EgressPort) -> Filter:
    if port.tcp is None:
        return http_connection_manager(
            names.EGRESS, port.route_configuration, view.spec.logging, is_from_application=True
        )
    rule = port.tcp.rule
    timeout = rule.timeout if isinstance(rule, TcpRoute) else None
    return tcp_proxy(names.EGRESS, (view.mesh, port.tcp.targets), timeout, view.spec.logging)


def _passthrough(
    view: NodeView, cluster: str, *, port: int | None, server_names: tuple[str, ...]
) -> FilterChain:
    return FilterChain(
        filter_chain_match=FilterChainMatch(
            destination_port=uint32(port) if port is not None else None,
            prefix_ranges=ANYWHERE,
            server_names=server_names,
        ),
        filters=[tcp_proxy(names.EGRESS, cluster, None, view.spec.logging)],
    )
