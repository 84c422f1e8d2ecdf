"""The stream to the control plane: where it is, who vouches for it -> ApiConfigSource, Cluster (as JSON).

Source: App Mesh user guide, `APPMESH_XDS_ENDPOINT`; envoy.config.core.v3.ApiConfigSource.
"""

import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gossamer.contract import XDS_PORT
from gossamer.sidecar import credential
from gossamer.sidecar.credential import Credentials, credentials, secret_source, upstream_filters
from gossamer.sidecar.endpoint import Endpoint, TcpEndpoint, UnixEndpoint, endpoint
from gossamer.sidecar.json_value import Json, one_endpoint, pipe, socket_address
from gossamer.sidecar.upstream import http2, transport_socket
from gossamer.sidecar.variable import Number, Reader, Spent, Text, Variable

XDS_ENDPOINT: Final = Text(
    names=("APPMESH_XDS_ENDPOINT",),
    flag="--xds-endpoint",
    default=f"127.0.0.1:{XDS_PORT}",
    takes="HOST:PORT or unix:///PATH",
    meaning="Where the control plane is.",
)
XDS_CA_FILE: Final = Text(
    names=("GOSSAMER_XDS_CA_FILE",),
    flag="--xds-ca-file",
    takes="a file of PEM certificates",
    meaning="Authorities that vouch for the control plane. With it the stream is TLS; without, plaintext.",
)
INITIAL_FETCH_TIMEOUT: Final = Number(
    names=("ENVOY_INITIAL_FETCH_TIMEOUT",),
    flag="--initial-fetch-timeout",
    default=0,
    least=0,
    most=86400,
    meaning="Seconds that Envoy waits for its first listeners and clusters; 0 is for ever.",
)
DUALSTACK: Final = Spent(
    names=("APPMESH_DUALSTACK_ENDPOINT",),
    flag="--dualstack-endpoint",
    meaning="the managed service's addresses are gone; APPMESH_XDS_ENDPOINT says where the control plane is.",
)
FIPS_ENDPOINT: Final = Spent(
    names=("APPMESH_FIPS_ENDPOINT",),
    flag="--fips-endpoint",
    meaning="the managed service's addresses are gone; APPMESH_XDS_ENDPOINT says where the control plane is.",
)

TABLE: Final[tuple[Variable, ...]] = (
    XDS_ENDPOINT, XDS_CA_FILE, *credential.TABLE, INITIAL_FETCH_TIMEOUT, DUALSTACK, FIPS_ENDPOINT,
)  # fmt: skip

XDS_CLUSTER: Final = "gossamer_xds"


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamSettings:
    """What an operator said of the stream."""

    endpoint: Endpoint
    ca_file: str
    credentials: Credentials
    initial_fetch_timeout: datetime.timedelta


def stream_settings(read: Reader) -> StreamSettings:
    """Read where the control plane is.

    Raises: Misconfigured for a wrong endpoint, or credentials that cannot work.
    """
    read.spent(DUALSTACK, FIPS_ENDPOINT)
    where = endpoint(read.text(XDS_ENDPOINT))
    ca_file = read.text(XDS_CA_FILE)
    return StreamSettings(
        endpoint=where,
        ca_file=ca_file,
        credentials=credentials(read, where, is_tls=bool(ca_file) and isinstance(where, TcpEndpoint)),
        initial_fetch_timeout=datetime.timedelta(seconds=read.number(INITIAL_FETCH_TIMEOUT)),
    )


def dynamic_resources(settings: StreamSettings) -> Json:
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
            "grpc_services": [{"envoy_grpc": envoy_grpc(settings.endpoint)}],
        },
    }


def xds_cluster(settings: StreamSettings, region: str, directory: Path) -> Json:
    """The control plane as a cluster of one endpoint, HTTP/2, probed often enough that a dead one is noticed.

    Source: envoy.config.cluster.v3.Cluster; keepalive as the managed service's own agent had it.
    """
    where = settings.endpoint
    cluster: Json = {
        "name": XDS_CLUSTER,
        "type": "STRICT_DNS" if _is_named(where) else "STATIC",
        "connect_timeout": "1s",
        "typed_extension_protocol_options": _http_options(settings, region, directory),
        "load_assignment": one_endpoint(XDS_CLUSTER, _address(where)),
    }
    if _is_named(where):
        # Envoy's own choice would take IPv6 alone where a name has both, and `localhost` often does.
        cluster["dns_lookup_family"] = "ALL"
    if settings.ca_file and isinstance(where, TcpEndpoint):
        cluster["transport_socket"] = _transport_socket(where, settings, directory)
    return cluster


def _http_options(settings: StreamSettings, region: str, directory: Path) -> Json:
    """HTTP/2, and what proves to the control plane who is calling."""
    keepalive = {"interval": "10s", "timeout": "20s"}
    filters = upstream_filters(settings.credentials, region, directory)
    proving: Json = {"http_filters": filters} if filters else {}
    return http2({"connection_keepalive": keepalive}, **proving)


def _transport_socket(where: TcpEndpoint, settings: StreamSettings, directory: Path) -> Json:
    """TLS to the control plane, with a certificate of the proxy's own if it has one."""
    own: Json = {}
    if settings.credentials.cert_file:
        source = secret_source(credential.CERTIFICATE_SECRET, directory)
        own = {"tls_certificate_sds_secret_configs": [source]}
    return transport_socket(where.host, settings.ca_file, alpn_protocols=["h2"], **own)


def envoy_grpc(where: Endpoint) -> Json:
    """The stream's client; a control plane that comes back is found within seconds.

    Source: envoy.config.core.v3.GrpcService.EnvoyGrpc, whose back-off Envoy takes for the stream as well.
    """
    back_off = {"base_interval": "0.1s", "max_interval": "5s"}
    return {
        "cluster_name": XDS_CLUSTER,
        "authority": _authority(where),
        "retry_policy": {"retry_back_off": back_off},
    }


def _authority(where: Endpoint) -> str:
    """What the control plane is called in requests; without it Envoy sends the cluster's name."""
    match where:
        case UnixEndpoint():
            return "localhost"
        case TcpEndpoint(host, port):
            return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _address(where: Endpoint) -> Json:
    """An endpoint as Envoy's address."""
    match where:
        case UnixEndpoint(path):
            return pipe(path)
        case TcpEndpoint(host, port):
            return socket_address(host, port)


def _is_named(where: Endpoint) -> bool:
    """Whether DNS must say where the endpoint is."""
    return isinstance(where, TcpEndpoint) and not where.is_address
