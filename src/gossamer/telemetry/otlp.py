"""The one door to OpenTelemetry: spans by its SDK, exported by OTLP over HTTP or gRPC.

Imported only where traces are collected: the library is an extra.
Source: OpenTelemetry specification, trace SDK, SDK environment variables, OTLP exporter configuration.
"""

from collections.abc import Mapping
from importlib.metadata import version

from opentelemetry import propagate, trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import Link, Span, SpanKind, Status, StatusCode

from gossamer.telemetry.trace import Recorded, Start, Value
from gossamer.telemetry.trace import Span as OurSpan


class _Recorded:
    """One span of the SDK."""

    def __init__(self, span: Span) -> None:
        self.span = span

    def tell(self, attributes: Mapping[str, Value]) -> None:
        """Add facts."""
        self.span.set_attributes(attributes)

    def rename(self, name: str) -> None:
        """Call it something else."""
        self.span.update_name(name)

    def end(self, at_ns: int | None, error: str) -> None:
        """It is over."""
        if error:
            self.span.set_status(Status(StatusCode.ERROR, error))
        self.span.end(at_ns)

    def trace_id(self) -> str:
        """In hexadecimal."""
        return trace.format_trace_id(self.span.get_span_context().trace_id)


class OpenTelemetry:
    """Makes spans and sends them; sampling, batching and their bounds are by the standard variables."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._provider = TracerProvider(resource=_resource(), shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("gossamer", version("gossamer"))

    def started(self, start: Start) -> Recorded | None:
        """A new span; None if the trace is not sampled."""
        span = self._tracer.start_span(
            start.name,
            context=_context(start),
            kind=SpanKind[start.kind.value],
            links=[
                Link(one.get_span_context()) for linked in start.links if (one := _span(linked)) is not None
            ],
            start_time=start.since_ns,
        )
        return _Recorded(span) if span.is_recording() else None

    def shut_down(self) -> None:
        """Send what waits, and end."""
        self._provider.shutdown()


def _resource() -> Resource:
    """Who we are; another name that the environment gives wins."""
    found = Resource.create({"service.version": version("gossamer")})
    if str(found.attributes["service.name"]).startswith("unknown_service"):
        return found.merge(Resource({"service.name": "gossamer"}))
    return found


def _context(start: Start) -> Context:
    parent = _span(start.parent) if start.parent is not None else None
    if parent is not None:
        return trace.set_span_in_context(parent, Context())
    return propagate.extract(start.caller or {}, Context())


def _span(ours: OurSpan) -> Span | None:
    return ours.recorded.span if isinstance(ours.recorded, _Recorded) else None


def exporter(protocol: str, endpoint: str) -> SpanExporter:
    """What sends spans; without an endpoint the standard variables name it."""
    if protocol == "grpc":
        return GrpcExporter(endpoint=endpoint or None)
    return HttpExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces" if endpoint else None)
