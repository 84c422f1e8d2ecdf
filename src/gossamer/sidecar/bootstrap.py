"""Pure: settings to Envoy's bootstrap, env.Settings -> envoy.config.bootstrap.v3.Bootstrap (as JSON).

Source: App Mesh user guide, Envoy image variables; the bootstrap of the managed service's own agent, without
what Envoy 1.40 has dropped: its AWS credentials for gRPC, and three runtime guards.
"""

from typing import Final

from gossamer.sidecar.endpoint import Endpoint, TcpEndpoint, UnixEndpoint
from gossamer.sidecar.env import Settings

Json = dict[str, object]

XDS_CLUSTER: Final = "gossamer_xds"
_HTTP: Final = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
_TLS: Final = "envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext"
_FILE_LOG: Final = "envoy.extensions.access_loggers.file.v3.FileAccessLog"
_TYPE: Final = "type.googleapis.com/"

#: Runtime that App Mesh sets for every proxy.
STATIC_RUNTIME: Final[Json] = {
    "envoy.features.enable_all_deprecated_features": True,
    "re2.max_program_size.error_level": 1000,
}

#: With several listeners a stat is `http.ingress.http.8080.x`; taking protocol and port out of its name, into
#: tags, keeps the names that dashboards know. Source: App Mesh user guide, Envoy metrics.
STATS_TAGS: Final = (
    ("appmesh.listener_protocol", r"\.ingress\.((http|http2|grpc|tcp)\.)[0-9]+\."),
    ("appmesh.listener_port", r"\.ingress\.(?:http|http2|grpc|tcp)\.(([0-9]+)\.)"),
    ("envoy_rds_route_config", r"\.ingress\.(?:http|http2|grpc)\.[0-9]+\.rds\.((.*?)\.)\w+$"),
)


def bootstrap(settings: Settings, admin_socket: str) -> Json:
    """The bootstrap of one proxy; Envoy's own admin interface listens on `admin_socket`."""
    return {
        "node": node(settings),
        "admin": admin(settings, admin_socket),
        "dynamic_resources": dynamic_resources(settings),
        "static_resources": {"clusters": [xds_cluster(settings.xds_endpoint, settings.xds_ca_file)]},
        "cluster_manager": {"outlier_detection": {"event_log_path": settings.outlier_log}},
        "layered_runtime": {
            "layers": [
                {"name": "static_layer_0", "static_layer": STATIC_RUNTIME},
                {"name": "admin_layer", "admin_layer": {}},
            ]
        },
        "stats_config": {"stats_tags": [{"tag_name": tag, "regex": regex} for tag, regex in STATS_TAGS]},
    }


def moved_admin(admin_socket: str) -> Json:
    """What is laid over an operator's own bootstrap: its admin interface, where the agent can front it."""
    return {"admin": {"address": _own_pipe(admin_socket)}}


def node(settings: Settings) -> Json:
    """Who the proxy says it is.

    Absent: a zone that is not known leaves the whole locality out.
    Source: App Mesh user guide, Envoy image variables; envoy.config.core.v3.Node.
    """
    said: Json = {
        "id": settings.identity.text if settings.identity else "",
        "cluster": settings.cluster,
        "metadata": {"aws.appmesh.static_runtime": STATIC_RUNTIME},
    }
    if settings.zone_id:
        said["locality"] = {"region": settings.region, "zone": settings.zone_id}
    return said


def admin(settings: Settings, socket: str) -> Json:
    """Envoy's own admin interface, for the agent alone.

    Source: envoy.config.bootstrap.v3.Admin.
    """
    log = {"@type": _TYPE + _FILE_LOG, "path": settings.admin_log}
    return {
        "address": _own_pipe(socket),
        "access_log": [{"name": "envoy.access_loggers.file", "typed_config": log}],
    }


def dynamic_resources(settings: Settings) -> Json:
    """Everything comes over one delta stream.

    Source: envoy.config.core.v3.ApiConfigSource; App Mesh user guide, `ENVOY_INITIAL_FETCH_TIMEOUT`.
    """
    timeout = f"{int(settings.initial_fetch_timeout.total_seconds())}s"
    source = {"ads": {}, "initial_fetch_timeout": timeout, "resource_api_version": "V3"}
    return {
        "lds_config": source,
        "cds_config": source,
        "ads_config": {
            "api_type": "DELTA_GRPC",
            "transport_api_version": "V3",
            "set_node_on_first_message_only": True,
            "grpc_services": [{"envoy_grpc": _envoy_grpc(settings.xds_endpoint)}],
        },
    }


def xds_cluster(endpoint: Endpoint, ca_file: str) -> Json:
    """The control plane as a cluster of one endpoint, HTTP/2, probed often enough that a dead one is noticed.

    Source: envoy.config.cluster.v3.Cluster; keepalive as the managed service's own agent had it.
    """
    http2 = {"connection_keepalive": {"interval": "10s", "timeout": "20s"}}
    options = {"@type": _TYPE + _HTTP, "explicit_http_config": {"http2_protocol_options": http2}}
    lb_endpoints = [{"endpoint": {"address": _address(endpoint)}}]
    cluster: Json = {
        "name": XDS_CLUSTER,
        "type": "STRICT_DNS" if _is_named(endpoint) else "STATIC",
        "connect_timeout": "1s",
        "typed_extension_protocol_options": {_HTTP: options},
        "load_assignment": {"cluster_name": XDS_CLUSTER, "endpoints": [{"lb_endpoints": lb_endpoints}]},
    }
    if _is_named(endpoint):
        # Envoy's own choice would take IPv6 alone where a name has both, and `localhost` often does.
        cluster["dns_lookup_family"] = "ALL"
    if ca_file and isinstance(endpoint, TcpEndpoint):
        cluster["transport_socket"] = transport_socket(endpoint, ca_file)
    return cluster


def transport_socket(endpoint: TcpEndpoint, ca_file: str) -> Json:
    """TLS to the control plane: its certificate must come from the authorities and carry its name.

    Source: envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext.
    """
    san = {"san_type": "IP_ADDRESS" if endpoint.is_address else "DNS", "matcher": {"exact": endpoint.host}}
    validation = {"trusted_ca": {"filename": ca_file}, "match_typed_subject_alt_names": [san]}
    context: Json = {
        "@type": _TYPE + _TLS,
        "common_tls_context": {"alpn_protocols": ["h2"], "validation_context": validation},
    }
    if not endpoint.is_address:
        # A server's name in TLS is never an address. Source: RFC 6066 section 3.
        context["sni"] = endpoint.host
    return {"name": "envoy.transport_sockets.tls", "typed_config": context}


def _envoy_grpc(endpoint: Endpoint) -> Json:
    """The stream's client; a control plane that comes back is found within seconds.

    Source: envoy.config.core.v3.GrpcService.EnvoyGrpc, whose back-off Envoy takes for the stream as well.
    """
    back_off = {"base_interval": "0.1s", "max_interval": "5s"}
    return {
        "cluster_name": XDS_CLUSTER,
        "authority": _authority(endpoint),
        "retry_policy": {"retry_back_off": back_off},
    }


def _authority(endpoint: Endpoint) -> str:
    """What the control plane is called in requests; without it Envoy sends the cluster's name."""
    match endpoint:
        case UnixEndpoint():
            return "localhost"
        case TcpEndpoint(host, port):
            return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _address(endpoint: Endpoint) -> Json:
    """An endpoint as Envoy's address."""
    match endpoint:
        case UnixEndpoint(path):
            return _pipe(path)
        case TcpEndpoint(host, port):
            return {"socket_address": {"address": host, "port_value": port}}


def _pipe(path: str) -> Json:
    """A socket in the file system as Envoy's address."""
    return {"pipe": {"path": path}}


def _own_pipe(path: str) -> Json:
    """A socket that Envoy makes, for nobody but its own user and root."""
    return {"pipe": {"path": path, "mode": 0o600}}


def _is_named(endpoint: Endpoint) -> bool:
    """Whether DNS must say where the endpoint is."""
    return isinstance(endpoint, TcpEndpoint) and not endpoint.is_address
