"""Pure: the sidecar's variables, which ECS and Kubernetes share.

Source: App Mesh user guide, Envoy image variables; App Mesh's Kubernetes controller 1.13, which of them it
sets.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from gossamer.inject.document import Refused
from gossamer.inject.settings import TRACER_ADDRESSES, TRACER_PORTS, Endpoint, Settings, pair

#: Names that say who a sidecar is, the one of today first.
IDENTITIES: Final = ("APPMESH_RESOURCE_ARN", "APPMESH_RESOURCE_NAME", "APPMESH_VIRTUAL_NODE_NAME")


def environment(who: Endpoint, settings: Settings) -> dict[str, str]:
    """Every variable that the settings ask for, what they manage last: it wins over what is added by hand."""
    return dict(
        (
            *(pair(text, "--env") for text in settings.env),
            *_identity(who, settings),
            *_basics(settings),
            *_tracing(settings),
            *_statistics(settings),
        )
    )


def refuse_another(variables: Iterable[tuple[str, str]], who: Endpoint) -> None:
    """Stop at a sidecar that is there already, and another endpoint's."""
    for name, value in variables:
        if name in IDENTITIES and not value.endswith(who.identity):
            raise Refused(f"container envoy is {value!r} already, not {who.identity!r}")


def _identity(who: Endpoint, settings: Settings) -> Iterator[tuple[str, str]]:
    """Who the sidecar is; the Getting Started knew one name only."""
    if settings.form == "getting-started":
        yield "APPMESH_VIRTUAL_NODE_NAME", who.identity
    else:
        yield "APPMESH_RESOURCE_ARN", who.identity


def _basics(settings: Settings) -> Iterator[tuple[str, str]]:
    """What every sidecar is told."""
    if settings.xds_endpoint:
        yield "APPMESH_XDS_ENDPOINT", settings.xds_endpoint
    yield "ENVOY_LOG_LEVEL", settings.log_level
    if settings.region:
        yield "AWS_REGION", settings.region
    if settings.sds_socket_path:
        yield "APPMESH_SDS_SOCKET_PATH", settings.sds_socket_path


def _tracing(settings: Settings) -> Iterator[tuple[str, str]]:
    """Where traces go."""
    tracer = settings.tracer
    if tracer == "none":
        return
    port = str(settings.tracer_port or TRACER_PORTS[tracer])
    yield f"ENABLE_ENVOY_{tracer.upper()}_TRACING", "1"
    if tracer == "xray":
        yield "XRAY_DAEMON_PORT", port
        yield "XRAY_SAMPLING_RATE", _rate(settings.xray_sampling_rate)
        return
    yield f"{tracer.upper()}_TRACER_PORT", port
    yield f"{tracer.upper()}_TRACER_ADDRESS", settings.tracer_address or TRACER_ADDRESSES[tracer]


def _rate(text: str) -> str:
    """A share, to two places."""
    try:
        rate = float(text)
    except ValueError:
        rate = -1
    if not 0 <= rate <= 1:
        raise Refused(f"the sampling rate is {text!r}, but it takes a number between 0 and 1.00")
    return f"{round(rate, 2):g}"


def _statistics(settings: Settings) -> Iterator[tuple[str, str]]:
    """Where statistics go."""
    if settings.stats_tags:
        yield "ENABLE_ENVOY_STATS_TAGS", "1"
    if settings.dog_statsd:
        yield "ENABLE_ENVOY_DOG_STATSD", "1"
        yield "STATSD_PORT", str(settings.statsd_port)
        yield "STATSD_ADDRESS", settings.statsd_address
        if settings.statsd_socket_path:
            yield "STATSD_SOCKET_PATH", settings.statsd_socket_path
