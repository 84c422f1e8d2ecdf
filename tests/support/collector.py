"""A collector of traces: decodes what OTLP brings, over HTTP or gRPC, and keeps it."""

import contextlib
import gzip
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import grpc
import grpc.aio
from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span


@dataclass
class Collector:
    """What was sent. `endpoint` is where to."""

    endpoint: str = ""
    spans: list[Span] = field(default_factory=list)
    services: set[str] = field(default_factory=set)

    def take(self, request: ExportTraceServiceRequest) -> None:
        """Keep the spans of a request."""
        for resource in request.resource_spans:
            facts = {one.key: one.value.string_value for one in resource.resource.attributes}
            self.services.add(facts["service.name"])
            self.spans.extend(span for scope in resource.scope_spans for span in scope.spans)

    def named(self, name: str, trace_id: str = "") -> list[Span]:
        """Spans of a name, of one trace if that is asked for."""
        found = [span for span in self.spans if span.name == name]
        return [span for span in found if trace_id in ("", span.trace_id.hex())]

    def path(self, span: Span) -> list[str]:
        """The names from a span up to the root of what was sent."""
        by_id = {one.span_id: one for one in self.spans}
        names = [span.name]
        while (parent := by_id.get(span.parent_span_id)) is not None:
            span = parent
            names.append(span.name)
        return names


def facts(span: Span) -> dict[str, Any]:
    """A span's attributes."""
    return {one.key: getattr(one.value, one.value.WhichOneof("value") or "") for one in span.attributes}


@contextlib.asynccontextmanager
async def http_collector() -> AsyncIterator[Collector]:
    """OTLP over HTTP, on a free port."""
    collector = Collector()

    async def export(request: web.Request) -> web.Response:
        body = await request.read()
        if request.headers.get("content-encoding") == "gzip" and body[:2] == b"\x1f\x8b":
            body = gzip.decompress(body)
        collector.take(ExportTraceServiceRequest.FromString(body))
        answer = ExportTraceServiceResponse().SerializeToString()
        return web.Response(body=answer, content_type="application/x-protobuf")

    app = web.Application()
    app.router.add_post("/v1/traces", export)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        collector.endpoint = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield collector
    finally:
        await runner.cleanup()


@contextlib.asynccontextmanager
async def grpc_collector() -> AsyncIterator[Collector]:
    """OTLP over gRPC, on a free port."""
    collector = Collector()

    async def export(request: ExportTraceServiceRequest, _: object) -> ExportTraceServiceResponse:
        collector.take(request)
        return ExportTraceServiceResponse()

    handler = grpc.unary_unary_rpc_method_handler(
        export, ExportTraceServiceRequest.FromString, ExportTraceServiceResponse.SerializeToString
    )
    server = grpc.aio.server()
    name = "opentelemetry.proto.collector.trace.v1.TraceService"
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(name, {"Export": handler}),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        collector.endpoint = f"http://127.0.0.1:{port}"
        yield collector
    finally:
        await server.stop(0)
