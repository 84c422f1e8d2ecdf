"""The relay: one Envoy a machine that signs and forwards the streams of others -> Bootstrap (as JSON).

Proxies talk to its socket in the clear, with no credentials of their own; it holds those of the machine.
Source: App Mesh's agent, relay mode; envoy.extensions.filters.http.aws_request_signing.v3.AwsRequestSigning.
"""

from dataclasses import dataclass
from typing import Final

from gossamer.contract import DEFAULT_REGION
from gossamer.sidecar.credential import signing_name
from gossamer.sidecar.endpoint import TcpEndpoint
from gossamer.sidecar.json_value import Json, one_endpoint, own_pipe, socket_address, typed
from gossamer.sidecar.stream import XDS_CA_FILE, XDS_ENDPOINT
from gossamer.sidecar.upstream import AUTHORITIES, http2, transport_socket
from gossamer.sidecar.variable import DIGITS, Misconfigured, Number, Reader, Span, Text, Truth, Variable

ENABLED: Final = Truth(
    names=("APPNET_ENABLE_RELAY_MODE_FOR_XDS",),
    flag="--relay-mode",
    default=False,
    meaning="Whether this Envoy is no proxy but signs and forwards the streams of the machine's proxies.",
)
DOMAIN: Final = Text(
    names=("APPNET_MANAGEMENT_DOMAIN_NAME",),
    flag="--management-domain-name",
    takes="a host",
    meaning="Where a relay forwards to. Without it, the host of APPMESH_XDS_ENDPOINT.",
)
PORT: Final = Number(
    names=("APPNET_MANAGEMENT_PORT",),
    flag="--management-port",
    default=443,
    least=1,
    most=65535,
    meaning="The port that a relay forwards to.",
)
SOCKET: Final = Text(
    names=("APPNET_RELAY_LISTENER_UDS_PATH",),
    flag="--relay-uds-path",
    default="/tmp/relay_xds.sock",  # noqa: S108  App Mesh's documented default
    takes="a path",
    meaning="The socket where a relay takes streams.",
)
IDLE_TIMEOUT: Final = Span(
    names=("RELAY_STREAM_IDLE_TIMEOUT",),
    flag="--relay-stream-idle-timeout",
    default="2400s",
    meaning="How long a stream through a relay may be silent.",
)
BUFFER: Final = Number(
    names=("RELAY_BUFFER_LIMIT_BYTES",),
    flag="--relay-buffer-limit-bytes",
    default=10485760,
    least=1,
    most=2**32 - 1,
    meaning="How much of a stream a relay holds back for a slow proxy.",
)

TABLE: Final[tuple[Variable, ...]] = (ENABLED, DOMAIN, PORT, SOCKET, IDLE_TIMEOUT, BUFFER)

CLUSTER: Final = "relay_management_server"
_FILTERS: Final = "envoy.extensions.filters.http"
_MANAGER: Final = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"


@dataclass(frozen=True, slots=True, kw_only=True)
class RelaySettings:
    """Where a relay takes streams, and where it forwards them to, as whom."""

    server: TcpEndpoint
    ca_file: str
    signing_name: str
    socket: str
    idle_timeout_s: float
    buffer_bytes: int


def is_relay(read: Reader) -> bool:
    """Whether this Envoy is a relay."""
    return read.truth(ENABLED)


def relay_settings(read: Reader) -> RelaySettings:
    """Read where a relay forwards to; APPMESH_XDS_ENDPOINT may be a host alone, or a URL.

    Raises: Misconfigured when nothing says where.
    """
    named = read.text(XDS_ENDPOINT) if read.is_set(XDS_ENDPOINT) else ""
    host, _, digits = named.removeprefix("http://").removeprefix("https://").rstrip("/").partition(":")
    server = read.text(DOMAIN) or host
    if not server:
        raise Misconfigured("A relay forwards: set APPNET_MANAGEMENT_DOMAIN_NAME or APPMESH_XDS_ENDPOINT.")
    port = int(digits) if DIGITS.fullmatch(digits) and not read.is_set(PORT) else read.number(PORT)
    return RelaySettings(
        server=TcpEndpoint(server, port),
        ca_file=read.text(XDS_CA_FILE) or AUTHORITIES,
        signing_name=signing_name(read),
        socket=read.text(SOCKET),
        idle_timeout_s=read.span(IDLE_TIMEOUT).total_seconds(),
        buffer_bytes=read.number(BUFFER),
    )


def relay_resources(settings: RelaySettings, region: str) -> Json:
    """The relay's one listener and one cluster."""
    return {"listeners": [_listener(settings, region)], "clusters": [_cluster(settings)]}


def _listener(settings: RelaySettings, region: str) -> Json:
    """A socket for streams; what they carry is signed for the control plane's own name."""
    idle = f"{settings.idle_timeout_s:g}s"
    route = {"cluster": CLUSTER, "timeout": "0s", "idle_timeout": idle}
    host = {"name": "relay", "domains": ["*"], "routes": [{"match": {"prefix": "/"}, "route": route}]}
    manager = typed(
        _MANAGER,
        stat_prefix="relay",
        codec_type="HTTP2",
        stream_idle_timeout=idle,
        route_config={"name": "relay", "virtual_hosts": [host]},
        http_filters=[
            {"name": "envoy.filters.http.grpc_web", "typed_config": typed(f"{_FILTERS}.grpc_web.v3.GrpcWeb")},
            {"name": "envoy.filters.http.aws_request_signing", "typed_config": _signing(settings, region)},
            {"name": "envoy.filters.http.router", "typed_config": typed(f"{_FILTERS}.router.v3.Router")},
        ],
    )
    filters = [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]
    return {
        "name": "relay_listener",
        "address": own_pipe(settings.socket),
        "per_connection_buffer_limit_bytes": settings.buffer_bytes,
        "filter_chains": [{"filters": filters}],
    }


def _signing(settings: RelaySettings, region: str) -> Json:
    """Signed but for the body and for what proxies add. Source: App Mesh's agent, relay mode."""
    return typed(
        f"{_FILTERS}.aws_request_signing.v3.AwsRequestSigning",
        service_name=settings.signing_name,
        region=region or DEFAULT_REGION,
        host_rewrite=settings.server.host,
        use_unsigned_payload=True,
        match_excluded_headers=[{"exact": "te"}, {"prefix": "x"}],
    )


def _cluster(settings: RelaySettings) -> Json:
    """The control plane, over TLS.

    Source: App Mesh's agent, relay mode: every address looked up, keepalive, forty minutes at most.
    """
    keepalive = {"interval": "10s", "timeout": "5s"}
    options = http2(
        {"connection_keepalive": keepalive},
        common_http_protocol_options={"max_connection_duration": "2400s"},
    )
    host = settings.server.host
    return {
        "name": CLUSTER,
        "type": "LOGICAL_DNS",
        "dns_lookup_family": "ALL",
        "connect_timeout": "1s",
        "per_connection_buffer_limit_bytes": settings.buffer_bytes,
        "typed_extension_protocol_options": options,
        "load_assignment": one_endpoint(CLUSTER, socket_address(host, settings.server.port)),
        "transport_socket": transport_socket(host, settings.ca_file, alpn_protocols=["h2"]),
    }
