"""The listeners of a virtual node or gateway -> envoy.config.listener.v3.Listener.

A gateway binds its own ports. At a node, everything that is redirected to the proxy arrives at one of two
ports; where it was meant to go is read from the socket before anything else is looked at.
Source: public configuration dumps of App Mesh proxies; App Mesh roadmap issue 62 for servers that speak
first.
"""

import datetime
from typing import Final

from envoy.config.core.v3.base_pb2 import TrafficDirection
from envoy.config.listener.v3.listener_components_pb2 import ListenerFilter
from envoy.config.listener.v3.listener_components_pb2 import (
    ListenerFilterChainMatchPredicate as Predicate,
)
from envoy.config.listener.v3.listener_pb2 import Listener
from envoy.extensions.filters.listener.original_dst.v3.original_dst_pb2 import OriginalDst
from envoy.extensions.filters.listener.tls_inspector.v3.tls_inspector_pb2 import TlsInspector
from envoy.type.v3.range_pb2 import Int32Range

from gossamer.compile import names
from gossamer.compile.address import IPV4_LOOPBACK, address, any_address
from gossamer.compile.egress import EgressPort
from gossamer.compile.filter_chain import (
    HTTPS,
    egress_chains,
    gateway_chains,
    gateway_egress_chain,
    ingress_chains,
)
from gossamer.compile.metric_tag import metric_tags
from gossamer.compile.tls import needs_inspection
from gossamer.compile.value import packed, seconds
from gossamer.contract import EGRESS_PORT, INGRESS_PORT
from gossamer.mesh.view import GatewayView, NodeView
from gossamer.model.virtual_gateway import VirtualGatewayListener

#: How long a connection may keep the inspector waiting. A server that speaks first sends nothing to inspect.
INSPECTION_TIMEOUT: Final = datetime.timedelta(seconds=1)


TLS_INSPECTOR: Final = "envoy.filters.listener.tls_inspector"


def original_destination() -> ListenerFilter:
    """Where the connection was going before it was redirected. Must come first: the others read it."""
    return ListenerFilter(name="envoy.filters.listener.original_dst", typed_config=packed(OriginalDst()))


def tls_inspector(*ports: int) -> ListenerFilter:
    """What a client's first bytes say, looked at on these ports only: elsewhere nothing depends on it.

    Without ports, it is looked at on each.
    """
    if not ports:
        return ListenerFilter(name=TLS_INSPECTOR, typed_config=packed(TlsInspector()))
    ranges = [_is_for(port) for port in ports]
    looked_at = ranges[0] if len(ranges) == 1 else Predicate(or_match=Predicate.MatchSet(rules=ranges))
    return ListenerFilter(
        name=TLS_INSPECTOR,
        typed_config=packed(TlsInspector()),
        filter_disabled=Predicate(not_match=looked_at),
    )


def _is_for(port: int) -> Predicate:
    return Predicate(destination_port_range=Int32Range(start=port, end=port + 1))


def ingress_listener(view: NodeView) -> Listener | None:
    """What comes in: one chain for each of the node's ports. A node without listeners has none."""
    if not view.spec.listeners:
        return None
    inspected = [one.port_mapping.port for one in view.spec.listeners if needs_inspection(one.tls)]
    return Listener(
        name=names.ingress_listener(),
        address=any_address(INGRESS_PORT, view.ip_preference),
        traffic_direction=TrafficDirection.INBOUND,
        listener_filters=[original_destination(), *([tls_inspector(*inspected)] if inspected else [])],
        listener_filters_timeout=seconds(INSPECTION_TIMEOUT) if inspected else None,
        continue_on_listener_filters_timeout=bool(inspected),
        filter_chains=[chain for listener in view.spec.listeners for chain in ingress_chains(view, listener)],
        metadata=metric_tags(),
    )


def gateway_listener(view: GatewayView, listener: VirtualGatewayListener) -> Listener:
    """One of a gateway's own ports."""
    port = listener.port_mapping.port
    is_inspected = needs_inspection(listener.tls)
    return Listener(
        name=names.gateway_listener(port),
        address=any_address(port, view.ip_preference),
        traffic_direction=TrafficDirection.INBOUND,
        listener_filters=[tls_inspector(port)] if is_inspected or view.data_plane.inspects_every_port else [],
        filter_chains=list(gateway_chains(view, listener)),
        metadata=metric_tags(),
    )


def gateway_egress_listener(view: GatewayView, routes: str) -> Listener:
    """A gateway's way out, which only the gateway itself may use: gateway routes are not to be passed by.

    Shape: bound to the loopback; statistics keep the name of all addresses, as the managed service's.
    """
    return Listener(
        name=names.egress_listener(),
        address=address(IPV4_LOOPBACK, EGRESS_PORT),
        stat_prefix=names.egress_listener_statistics(both_families=view.ip_preference is not None),
        traffic_direction=TrafficDirection.OUTBOUND,
        filter_chains=[gateway_egress_chain(view, routes)],
        metadata=metric_tags(),
    )


def egress_listener(view: NodeView, ports: tuple[EgressPort, ...]) -> Listener:
    """What goes out. A port without a chain is refused."""
    inspected = () if view.data_plane.inspects_every_port else (HTTPS,)
    return Listener(
        name=names.egress_listener(),
        address=any_address(EGRESS_PORT, view.ip_preference),
        traffic_direction=TrafficDirection.OUTBOUND,
        listener_filters=[original_destination(), tls_inspector(*inspected)],
        listener_filters_timeout=seconds(INSPECTION_TIMEOUT),
        continue_on_listener_filters_timeout=True,
        filter_chains=list(egress_chains(view, ports)),
        metadata=metric_tags(),
    )
