"""gRPC, the only I/O: reads requests, wakes on what is published, writes bytes.

Source: Envoy's aggregated discovery service; status codes as App Mesh's server used them (3 unknown endpoint,
8 too many proxies).
"""

import itertools
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import grpc
import grpc.aio
import structlog
from envoy.service.discovery.v3.discovery_pb2 import DeltaDiscoveryRequest, DiscoveryRequest
from google.protobuf.message import Message

from gossamer.clock import Clock
from gossamer.telemetry import metrics
from gossamer.xds.admission import (
    TERMINATED,
    Admission,
    Everybody,
    Presented,
    Unauthenticated,
    Visitor,
)
from gossamer.xds.call import Call, Refused, presented
from gossamer.xds.hub import Hub
from gossamer.xds.node_wish import accepts_http2
from gossamer.xds.pump import Life, Outbox, Pump
from gossamer.xds.status import ProxyStatus
from gossamer.xds.stream import Delta, Dialect, Request, Stream, WholeState, build_version
from gossamer.xds.tls import TlsMaterial, server_credentials

log = structlog.get_logger(__name__)

SERVICE: Final = "envoy.service.discovery.v3.AggregatedDiscoveryService"

#: A storm of reconnecting proxies must not be shed, which gRPC's own bounds would do past 1,000 waiting
#: streams; pings come from proxies every ten seconds, also while nothing happens.
OPTIONS: Final = (
    ("grpc.server.max_pending_requests", 100_000),
    ("grpc.server.max_pending_requests_hard_limit", 200_000),
    ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.max_receive_message_length", 16 * 1024 * 1024),
    ("grpc.so_reuseport", 0),
)


class XdsServer:
    """The management server on its addresses: `host:port`, or `unix:/path`."""

    def __init__(
        self,
        hub: Hub,
        clock: Clock,
        addresses: Sequence[str],
        admission: Admission | None = None,
        tls: Callable[[], TlsMaterial] | None = None,
    ) -> None:
        self._hub = hub
        self._clock = clock
        self._admission = admission or Everybody()
        self._pumps: set[Pump[DiscoveryRequest] | Pump[DeltaDiscoveryRequest]] = set()
        self._numbers = itertools.count(1)
        self._server = grpc.aio.server(options=OPTIONS)
        methods = {
            "DeltaAggregatedResources": _method(self._delta, DeltaDiscoveryRequest),
            "StreamAggregatedResources": _method(self._whole, DiscoveryRequest),
        }
        handler = grpc.method_handlers_generic_handler(SERVICE, methods)
        self._server.add_generic_rpc_handlers((handler,))
        self._credentials = server_credentials(tls) if tls is not None else None
        self.ports = [self._bound(address) for address in addresses]

    async def start(self) -> None:
        """Begin to listen."""
        await self._server.start()

    async def stop(self, *, grace_s: float) -> None:
        """End every stream with status 0, as a recycled stream would."""
        await self._server.stop(grace_s)

    async def review(self) -> None:
        """Ask anew whether each open stream may go on: who may come in has changed."""
        for pump in tuple(self._pumps):
            await pump.review()

    def queues(self) -> list[Outbox]:
        """What waits to be written, of each stream."""
        return [pump.outbox for pump in self._pumps]

    def _bound(self, address: str) -> int:
        """Listen on an address; a Unix socket needs no TLS."""
        if self._credentials is None or address.startswith("unix:"):
            return int(self._server.add_insecure_port(address))
        return int(self._server.add_secure_port(address, self._credentials))

    async def _delta(self, _: object, call: Call[DeltaDiscoveryRequest]) -> None:
        await self._serve(call, Delta(), "DeltaAggregatedResources")

    async def _whole(self, _: object, call: Call[DiscoveryRequest]) -> None:
        await self._serve(call, WholeState(), "StreamAggregatedResources")

    async def _serve(self, call: Call[Request], dialect: Dialect[Request], method: str) -> None:
        life = Life(self._admission, next(self._numbers), call.peer())
        try:
            life.visitor = _recognized(self._admission, presented(call, method))
            request = await call.read()
            if request is grpc.aio.EOF:
                return
            status = self._status(request, dialect.name, life.number)
            life.node = status.node
            stream = Stream(dialect, status, self._clock)
            pump = Pump(self._hub, call, stream, life)
            self._pumps.add(pump)
            try:
                await pump.run(request)
            finally:
                self._pumps.discard(pump)
        except Refused as refused:
            if not life.is_served:
                metrics.STREAMS_REFUSED.labels(refused.reason).inc()
            log.warning("stream_refused", why=refused.why, code=refused.code.name, peer=call.peer())
            life.note(TERMINATED, refused.code.name, refused.why)
            await call.abort(refused.code, refused.why)

    def _status(
        self, request: DiscoveryRequest | DeltaDiscoveryRequest, protocol: str, number: int
    ) -> ProxyStatus:
        return ProxyStatus(
            stream=number,
            node=request.node.id,
            endpoint="",
            build=build_version(request.node),
            protocol=protocol,
            connected_at=self._clock.now(),
            accepts_http2=accepts_http2(request.node),
        )


def _method(serve: Callable[..., Awaitable[None]], request: type[Message]) -> grpc.RpcMethodHandler:
    """A bidirectional method whose answers are bytes already."""
    return grpc.stream_stream_rpc_method_handler(
        serve, request_deserializer=request.FromString, response_serializer=None
    )


def _recognized(admission: Admission, shown: Presented) -> Visitor:
    try:
        return admission.recognize(shown)
    except Unauthenticated as error:
        raise Refused(grpc.StatusCode.UNAUTHENTICATED, str(error)) from error
