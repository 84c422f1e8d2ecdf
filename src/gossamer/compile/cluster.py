"""Where requests go -> envoy.config.cluster.v3.Cluster.

egress        a listener of another node
ingress       the application beside the proxy
self-redirect from a gateway to its own way out
passthrough   wherever the application was going
Source: public configuration dumps of App Mesh proxies, sections clusters.
"""

import datetime
from collections.abc import Mapping
from typing import Final

from envoy.config.cluster.v3.cluster_pb2 import Cluster
from envoy.config.core.v3.base_pb2 import TransportSocket
from envoy.config.core.v3.protocol_pb2 import Http2ProtocolOptions, KeepaliveSettings
from envoy.extensions.upstreams.http.v3.http_protocol_options_pb2 import HttpProtocolOptions
from google.protobuf.any_pb2 import Any

from gossamer.compile import names
from gossamer.compile.address import IPV4_LOOPBACK, loopback
from gossamer.compile.circuit_breaker import circuit_breakers, pool_limits
from gossamer.compile.config_source import ads
from gossamer.compile.endpoint import load_assignment
from gossamer.compile.health_check import health_check
from gossamer.compile.metric_tag import metric_tags
from gossamer.compile.outlier_detection import outlier_detection
from gossamer.compile.service_discovery import LOOKUP_FAMILY, RESPONSE_TYPE
from gossamer.compile.timeout import DEFAULT_REQUEST_TIMEOUT
from gossamer.compile.tls import upstream_socket
from gossamer.compile.value import packed, seconds, uint32
from gossamer.contract import EGRESS_PORT
from gossamer.mesh.client_tls import discovery_name
from gossamer.mesh.view import Destination
from gossamer.model.listener import Listener
from gossamer.model.port_mapping import PortProtocol
from gossamer.model.service_discovery import IpPreference
from gossamer.model.virtual_gateway import VirtualGatewayListener

EGRESS_CONNECT_TIMEOUT: Final = datetime.timedelta(seconds=1)
INGRESS_CONNECT_TIMEOUT: Final = datetime.timedelta(milliseconds=250)

#: How many requests share a connection to another sidecar at most.
STREAMS_A_CONNECTION: Final = 100
#: How often the other end of such a connection is asked whether it is there, and how long an answer may take:
#: by then a request has given up too, which would close a connection of HTTP/1.1, and not this one.
ASKED_EVERY: Final = datetime.timedelta(seconds=15)
ANSWERED_WITHIN: Final = DEFAULT_REQUEST_TIMEOUT

HTTP_OPTIONS: Final = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
SPEAKS_HTTP2: Final = frozenset({PortProtocol.HTTP2, PortProtocol.GRPC})


def protocol_options(protocol: PortProtocol) -> Mapping[str, Any]:
    """What to speak to endpoints: HTTP/2 without asking for http2 and grpc, else Envoy's default.

    Source: App Mesh roadmap issue 82.
    """
    if protocol not in SPEAKS_HTTP2:
        return {}
    # With it, a WebSocket goes on as an extended CONNECT. Source: RFC 8441.
    http2 = Http2ProtocolOptions(allow_connect=True)
    explicit = HttpProtocolOptions.ExplicitHttpConfig(http2_protocol_options=http2)
    return {HTTP_OPTIONS: packed(HttpProtocolOptions(explicit_http_config=explicit))}


def _agreed(listener: Listener, *, is_encrypted: bool) -> Mapping[str, Any]:
    """HTTP/2 to the proxies in front of an HTTP/1.1 application; over TLS, what both ends agree on.

    Shape: past so many requests at a time comes another connection, which another worker may take. One that
           leads nowhere is closed: requests that give up leave it open, and the next would go there too.
    Source: decision 068; Envoy `HttpProtocolOptions.auto_config`.
    """
    assert listener.port_mapping.protocol is PortProtocol.HTTP  # noqa: S101 - nobody else is asked to
    http2 = Http2ProtocolOptions(
        allow_connect=True,
        max_concurrent_streams=uint32(STREAMS_A_CONNECTION),
        connection_keepalive=KeepaliveSettings(
            interval=seconds(ASKED_EVERY), timeout=seconds(ANSWERED_WITHIN)
        ),
    )
    if is_encrypted:
        agreed = HttpProtocolOptions.AutoHttpConfig(http2_protocol_options=http2)
        return {HTTP_OPTIONS: packed(HttpProtocolOptions(auto_config=agreed))}
    explicit = HttpProtocolOptions.ExplicitHttpConfig(http2_protocol_options=http2)
    return {HTTP_OPTIONS: packed(HttpProtocolOptions(explicit_http_config=explicit))}


def egress_cluster_name(mesh: str, destination: Destination) -> str:
    """The name of a destination's cluster."""
    plain = plain_name(mesh, destination)
    return f"{plain}/{destination.apart}" if destination.apart else plain


def plain_name(mesh: str, destination: Destination) -> str:
    """The name that statistics show, whatever the client policy."""
    mapping = destination.listener.port_mapping
    return names.egress_cluster(mesh, destination.node, mapping.protocol, mapping.port)


def egress_cluster(mesh: str, destination: Destination) -> Cluster:
    """Translate one listener of a node as its clients reach it."""
    listener, discovery = destination.listener, destination.discovery
    port = listener.port_mapping.port
    name = egress_cluster_name(mesh, destination)
    host = discovery_name(discovery)
    checks = [health_check(listener.health_check, host, port)] if listener.health_check is not None else []
    cluster = Cluster(
        name=name,
        connect_timeout=seconds(EGRESS_CONNECT_TIMEOUT),
        circuit_breakers=circuit_breakers(),
        typed_extension_protocol_options=_agreed(listener, is_encrypted=destination.tls is not None)
        if destination.speaks_http2
        else protocol_options(listener.port_mapping.protocol),
        health_checks=checks,
        # A host that is taken away goes at once, even while it is well.
        ignore_health_on_host_removal=bool(checks),
        outlier_detection=outlier_detection(listener.outlier_detection)
        if listener.outlier_detection
        else None,
        metadata=metric_tags(TargetVirtualNode=destination.node),
        transport_socket=_transport_socket(destination),
        alt_stat_name=plain_name(mesh, destination) if destination.apart else "",
    )
    if destination.is_cut_off:
        # Nobody to send to: requests are answered 503, and nothing leaves in the open.
        cluster.type = Cluster.STATIC
        cluster.load_assignment.CopyFrom(load_assignment(name, ()))
    elif discovery.dns is None:
        cluster.type = Cluster.EDS
        cluster.eds_cluster_config.eds_config.CopyFrom(ads())
    else:
        cluster.type = RESPONSE_TYPE[discovery.dns.response_type]
        cluster.dns_lookup_family = LOOKUP_FAMILY[destination.ip_preference]
        cluster.load_assignment.CopyFrom(load_assignment(name, [(host, port)]))
    return cluster


def _transport_socket(destination: Destination) -> TransportSocket | None:
    if destination.tls is None or destination.is_cut_off:
        return None
    return upstream_socket(
        destination.tls, destination.listener.port_mapping.protocol, is_negotiated=destination.speaks_http2
    )


def ingress_cluster(mesh: str, node: str, listener: Listener, preference: IpPreference | None) -> Cluster:
    """Translate the application behind one of the node's own listeners."""
    port, protocol = listener.port_mapping.port, listener.port_mapping.protocol
    name = names.ingress_cluster(mesh, node, protocol, port)
    return Cluster(
        name=name,
        type=Cluster.STATIC,
        connect_timeout=seconds(INGRESS_CONNECT_TIMEOUT),
        load_assignment=load_assignment(name, [(loopback(preference), port)]),
        circuit_breakers=pool_limits(listener.connection_pool),
        typed_extension_protocol_options=protocol_options(protocol),
        metadata=metric_tags(),
    )


def self_redirect(name: str, listener: VirtualGatewayListener) -> Cluster:
    """Translate the way from one of a gateway's listeners to the gateway's own way out.

    Source: public configuration dumps of App Mesh gateways; a listener's limits are this cluster's.
    """
    return Cluster(
        name=name,
        type=Cluster.STATIC,
        connect_timeout=seconds(INGRESS_CONNECT_TIMEOUT),
        load_assignment=load_assignment(name, [(IPV4_LOOPBACK, EGRESS_PORT)]),
        circuit_breakers=pool_limits(listener.connection_pool),
        typed_extension_protocol_options=protocol_options(listener.port_mapping.protocol),
        metadata=metric_tags(),
    )


def passthrough_cluster(name: str) -> Cluster:
    """Wherever the application was going before it was intercepted."""
    return Cluster(
        name=name,
        type=Cluster.ORIGINAL_DST,
        lb_policy=Cluster.CLUSTER_PROVIDED,
        connect_timeout=seconds(EGRESS_CONNECT_TIMEOUT),
        circuit_breakers=circuit_breakers(),
    )
