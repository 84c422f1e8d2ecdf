"""Where spans go: one tracer for every listener -> envoy.config.trace.v3.Tracing (as JSON).

Only one of them may be on: Envoy has one.
Source: App Mesh user guide, tracing; Envoy bootstrap `tracing`, which an empty `tracing` of a listener uses.
OpenTelemetry is ours, with the standard variables of its exporters.
"""

from dataclasses import dataclass
from typing import Final

from gossamer.sidecar import opentelemetry, xray
from gossamer.sidecar.identity import Identity
from gossamer.sidecar.json_value import Json, one_endpoint, socket_address, typed
from gossamer.sidecar.variable import Choice, Misconfigured, Number, Reader, Text, Truth, Variable

DATADOG: Final = Truth(
    names=("ENABLE_ENVOY_DATADOG_TRACING",),
    flag="--datadog-tracing",
    default=False,
    meaning="Whether spans go to a Datadog agent.",
)
DATADOG_ADDRESS: Final = Text(
    names=("DATADOG_TRACER_ADDRESS",),
    flag="--datadog-tracer-address",
    default="127.0.0.1",
    takes="a host",
    meaning="Where the Datadog agent is.",
)
DATADOG_PORT: Final = Number(
    names=("DATADOG_TRACER_PORT",),
    flag="--datadog-tracer-port",
    default=8126,
    least=1,
    most=65535,
    meaning="The port of the Datadog agent.",
)
DD_SERVICE: Final = Text(
    names=("DD_SERVICE",),
    flag="--datadog-service",
    meaning="The service's name at Datadog. Without it, envoy-MESH/NAME.",
)
JAEGER: Final = Truth(
    names=("ENABLE_ENVOY_JAEGER_TRACING",),
    flag="--jaeger-tracing",
    default=False,
    meaning="Whether spans go to a Jaeger or Zipkin collector, in Zipkin's form.",
)
JAEGER_ADDRESS: Final = Text(
    names=("JAEGER_TRACER_ADDRESS",),
    flag="--jaeger-tracer-address",
    default="127.0.0.1",
    takes="a host",
    meaning="Where the collector is.",
)
JAEGER_PORT: Final = Number(
    names=("JAEGER_TRACER_PORT",),
    flag="--jaeger-tracer-port",
    default=9411,
    least=1,
    most=65535,
    meaning="The port of the collector.",
)
JAEGER_VERSION: Final = Choice(
    names=("JAEGER_TRACER_VERSION",),
    flag="--jaeger-tracer-version",
    default="proto",
    among=("proto", "json"),
    meaning="How spans are encoded for the collector.",
)
CONFIG_FILE: Final = Text(
    names=("ENVOY_TRACING_CFG_FILE",),
    flag="--tracing-config-file",
    takes="a YAML file with `tracing` and, if need be, `static_resources`",
    meaning="A tracer of the operator's own.",
)

TABLE: Final[tuple[Variable, ...]] = (
    *xray.TABLE, DATADOG, DATADOG_ADDRESS, DATADOG_PORT, DD_SERVICE,
    JAEGER, JAEGER_ADDRESS, JAEGER_PORT, JAEGER_VERSION, *opentelemetry.TABLE, CONFIG_FILE,
)  # fmt: skip

_SWITCHES: Final = (xray.ENABLED, DATADOG, JAEGER, opentelemetry.ENABLED)
_JAEGER_ENCODING: Final = {"proto": "HTTP_PROTO", "json": "HTTP_JSON"}
_SPANS: Final = "/api/v2/spans"


@dataclass(frozen=True, slots=True)
class Tracer:
    """A tracer's part of the bootstrap, and the clusters that it sends to."""

    provider: Json
    clusters: tuple[Json, ...] = ()

    @property
    def tracing(self) -> Json:
        """What the bootstrap says under `tracing`."""
        return {"http": self.provider}


def tracer(read: Reader, who: Identity | None) -> Tracer | None:
    """The tracer that is asked for, if one is; `who` names the proxy in spans.

    Raises: Misconfigured when more than one is.
    """
    asked = [switch.name for switch in _SWITCHES if read.truth(switch)]
    if read.text(CONFIG_FILE):
        asked.append(CONFIG_FILE.name)
    if len(asked) > 1:
        raise Misconfigured(f"Envoy has one tracer, but {' and '.join(asked)} ask for {len(asked)}.")
    match asked:
        case [xray.ENABLED.name]:
            return Tracer(xray.provider(read, who))
        case [DATADOG.name]:
            return _datadog(read, who)
        case [JAEGER.name]:
            return _jaeger(read)
        case [opentelemetry.ENABLED.name]:
            return Tracer(*opentelemetry.provider_and_cluster(read, who))
        case _:
            return None


def _datadog(read: Reader, who: Identity | None) -> Tracer:
    """Source: envoy.config.trace.v3.DatadogConfig."""
    service = read.text(DD_SERVICE) or f"envoy-{named(who)}"
    config = typed(
        "envoy.config.trace.v3.DatadogConfig", collector_cluster="datadog_agent", service_name=service
    )
    provider: Json = {"name": "envoy.tracers.datadog", "typed_config": config}
    return Tracer(
        provider, (_cluster("datadog_agent", read.text(DATADOG_ADDRESS), read.number(DATADOG_PORT)),)
    )


def _jaeger(read: Reader) -> Tracer:
    """Source: envoy.config.trace.v3.ZipkinConfig; spans of client and server kept apart."""
    config = typed(
        "envoy.config.trace.v3.ZipkinConfig",
        collector_cluster="jaeger",
        collector_endpoint=_SPANS,
        collector_endpoint_version=_JAEGER_ENCODING[read.choice(JAEGER_VERSION)],
        shared_span_context=False,
    )
    provider: Json = {"name": "envoy.tracers.zipkin", "typed_config": config}
    return Tracer(provider, (_cluster("jaeger", read.text(JAEGER_ADDRESS), read.number(JAEGER_PORT)),))


def _cluster(name: str, host: str, port: int) -> Json:
    """A collector as a cluster."""
    return {
        "name": name,
        "type": "STRICT_DNS",
        "connect_timeout": "1s",
        "load_assignment": one_endpoint(name, socket_address(host, port)),
    }


def named(who: Identity | None) -> str:
    """A proxy's name in spans: MESH/NAME."""
    return f"{who.mesh}/{who.name}" if who else "unknown"
