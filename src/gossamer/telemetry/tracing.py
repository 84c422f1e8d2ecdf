"""Whether traces are collected, by the standard variables and a setting of ours; and if so, how.

Source: OpenTelemetry specification, SDK environment variables, OTLP exporter configuration.
"""

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gossamer.telemetry import trace

#: Each names a collector, the first for traces alone.
ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
PROTOCOLS: Final = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")

#: What the variables may name; HTTP with JSON no SDK for Python speaks.
HTTP: Final = "http/protobuf"
GRPC: Final = "grpc"


class CannotTrace(Exception):
    """Traces are asked for, and cannot be sent; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where traces go. An empty endpoint leaves it to the standard variables."""

    protocol: str
    endpoint: str = ""


def destination(environ: Mapping[str, str], endpoint: str) -> Destination | None:
    """Where traces go, or None if nobody collects them.

    Raises: CannotTrace.
    """
    if environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return None
    exporter = environ.get("OTEL_TRACES_EXPORTER", "")
    if exporter == "none" or not (endpoint or exporter or any(environ.get(name) for name in ENDPOINTS)):
        return None
    if exporter not in ("", "otlp"):
        raise CannotTrace(f"OTEL_TRACES_EXPORTER is {exporter!r}, and traces are sent by otlp only")
    protocol = next((environ[name] for name in PROTOCOLS if environ.get(name)), HTTP)
    if protocol not in (HTTP, GRPC):
        raise CannotTrace(f"the protocol of OTLP is {protocol!r}, and {HTTP} and {GRPC} are spoken")
    return Destination(protocol, endpoint)


def _missing() -> str:
    """What to install, so that OTLP can be spoken.

    xds-protos brings an older copy of OTLP's messages, which hides the right one if it was installed later.
    """
    if importlib.util.find_spec("opentelemetry.exporter") is None:
        return "traces need a library more: pip install 'gossamer[otel]'"
    return "OTLP's messages are an older copy: pip install --force-reinstall --no-deps opentelemetry-proto"


def set_up(environ: Mapping[str, str], endpoint: str) -> bool:
    """Make spans from now on, if somebody collects them; tell whether.

    Raises: CannotTrace.
    """
    found = destination(environ, endpoint)
    if found is None:
        return False
    try:
        from gossamer.telemetry import otlp  # noqa: PLC0415 - an extra, missed only where it is wanted
    except ImportError as error:
        raise CannotTrace(_missing()) from error
    trace.use(otlp.OpenTelemetry(otlp.exporter(found.protocol, found.endpoint)))
    return True
