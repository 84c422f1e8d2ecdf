"""Spans to an OpenTelemetry collector -> envoy.config.trace.v3.OpenTelemetryConfig (as JSON).

App Mesh had no such tracer; the variables are those of OpenTelemetry's own exporters, with one that turns it
on.
Source: OpenTelemetry specification, OTLP exporter configuration, general SDK configuration.
"""

import urllib.parse
from typing import Final

from gossamer.sidecar.identity import Identity
from gossamer.sidecar.json_value import Json, one_endpoint, socket_address, typed
from gossamer.sidecar.upstream import AUTHORITIES, http2, transport_socket
from gossamer.sidecar.variable import Choice, Misconfigured, Reader, Text, Truth, Variable

ENABLED: Final = Truth(
    names=("ENABLE_ENVOY_OTEL_TRACING",),
    flag="--otel-tracing",
    default=False,
    meaning="Whether spans go to an OpenTelemetry collector.",
)
ENDPOINT: Final = Text(
    names=("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"),
    flag="--otel-endpoint",
    takes="http://HOST:PORT, or https://HOST:PORT with a certificate's file",
    meaning="Where the collector is. Without it, port 4317 of this machine for grpc, and "
    "4318 for http/protobuf.",
)
PROTOCOL: Final = Choice(
    names=("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"),
    flag="--otel-protocol",
    default="grpc",
    among=("grpc", "http/protobuf"),
    meaning="How spans travel.",
)
CERTIFICATE: Final = Text(
    names=("OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", "OTEL_EXPORTER_OTLP_CERTIFICATE"),
    flag="--otel-certificate",
    default=AUTHORITIES,
    takes="a file of PEM certificates",
    meaning="Authorities that vouch for a collector whose endpoint is https.",
)
SERVICE_NAME: Final = Text(
    names=("OTEL_SERVICE_NAME",),
    flag="--otel-service-name",
    meaning="The service's name in traces. Without it, MESH/NAME.",
)

TABLE: Final[tuple[Variable, ...]] = (ENABLED, ENDPOINT, PROTOCOL, CERTIFICATE, SERVICE_NAME)

CLUSTER: Final = "opentelemetry_collector"
_PORTS: Final = {"grpc": 4317, "http/protobuf": 4318}
_SCHEMES: Final = ("http", "https")


def provider_and_cluster(read: Reader, who: Identity | None) -> tuple[Json, tuple[Json, ...]]:
    """OpenTelemetry as the tracer, and the collector's cluster.

    Raises: Misconfigured for an endpoint that is no URL.
    Source: envoy.config.trace.v3.OpenTelemetryConfig.
    """
    protocol = read.choice(PROTOCOL)
    url = _url(read.text(ENDPOINT) or f"http://127.0.0.1:{_PORTS[protocol]}")
    name = read.text(SERVICE_NAME) or (f"{who.mesh}/{who.name}" if who else "unknown")
    config = typed("envoy.config.trace.v3.OpenTelemetryConfig", service_name=name, **_service(protocol, url))
    provider: Json = {"name": "envoy.tracers.opentelemetry", "typed_config": config}
    return provider, (_cluster(url, protocol, read.text(CERTIFICATE)),)


def _service(protocol: str, url: urllib.parse.SplitResult) -> Json:
    """How the collector is called; without a path of its own, at the standard's."""
    if protocol == "grpc":
        return {"grpc_service": {"envoy_grpc": {"cluster_name": CLUSTER}, "timeout": "1s"}}
    path = url.path if url.path.strip("/") else "/v1/traces"
    uri = {"uri": f"{url.scheme}://{url.netloc}{path}", "cluster": CLUSTER, "timeout": "1s"}
    return {"http_service": {"http_uri": uri}}


def _cluster(url: urllib.parse.SplitResult, protocol: str, authorities: str) -> Json:
    """The collector; gRPC needs HTTP/2."""
    host = url.hostname or ""
    cluster: Json = {
        "name": CLUSTER,
        "type": "STRICT_DNS",
        "connect_timeout": "1s",
        "load_assignment": one_endpoint(CLUSTER, socket_address(host, url.port or _PORTS[protocol])),
    }
    if protocol == "grpc":
        cluster["typed_extension_protocol_options"] = http2()
    if url.scheme == "https":
        cluster["transport_socket"] = transport_socket(host, authorities)
    return cluster


def _url(text: str) -> urllib.parse.SplitResult:
    """Read an endpoint.

    Raises: Misconfigured when it is none.
    """
    try:
        url = urllib.parse.urlsplit(text)
        is_whole = url.scheme in _SCHEMES and bool(url.hostname) and url.port != 0
    except ValueError:
        is_whole = False
    if not is_whole:
        raise Misconfigured(f"{ENDPOINT.names[1]} is {text!r}; write http://HOST:PORT or https://HOST:PORT.")
    return urllib.parse.urlsplit(text)
