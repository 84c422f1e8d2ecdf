"""gRPC, the only I/O: reads requests, wakes on what is published, writes bytes.

Source: Envoy's aggregated discovery service; status codes as App Mesh's server used them (3 unknown endpoint,
8 too many proxies).
"""

import asyncio
import itertools
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, NoReturn, Protocol, TypeVar

import grpc
import grpc.aio
import structlog
from envoy.service.discovery.v3.discovery_pb2 import DeltaDiscoveryRequest, DiscoveryRequest
from google.protobuf.message import Message

from gossamer.clock import Clock
from gossamer.errors import Unavailable
from gossamer.xds.hub import Connection, Hub, TooManyProxies
from gossamer.xds.node_id import UnknownNode, node_id
from gossamer.xds.node_wish import wishes_of
from gossamer.xds.protocol import Published
from gossamer.xds.status import ProxyStatus
from gossamer.xds.stream import Delta, Dialect, Request, Stream, WholeState, build_version

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


Read_co = TypeVar("Read_co", DiscoveryRequest, DeltaDiscoveryRequest, covariant=True)


class Call(Protocol[Read_co]):
    """The part of gRPC's servicer context that a stream uses."""

    async def read(self) -> Read_co:
        """The next request, or gRPC's `EOF`."""
        ...

    async def write(self, message: bytes) -> None:
        """Send one answer."""
        ...

    async def abort(self, code: grpc.StatusCode, details: str) -> NoReturn:
        """End the stream with a status."""
        ...

    def peer(self) -> str:
        """Where the stream comes from."""
        ...


#: How often a stream that waits for something looks at the clock.
CLOCK_S: Final = 1.0


class Refused(Exception):
    """The stream cannot be served: a status code and a sentence."""

    def __init__(self, code: grpc.StatusCode, why: str) -> None:
        self.code = code
        self.why = why
        super().__init__(why)


class XdsServer:
    """The management server on its addresses: `host:port`, or `unix:/path`."""

    def __init__(self, hub: Hub, clock: Clock, addresses: Sequence[str]) -> None:
        self._hub = hub
        self._clock = clock
        self._numbers = itertools.count(1)
        self._server = grpc.aio.server(options=OPTIONS)
        methods = {
            "DeltaAggregatedResources": _method(self._delta, DeltaDiscoveryRequest),
            "StreamAggregatedResources": _method(self._whole, DiscoveryRequest),
        }
        handler = grpc.method_handlers_generic_handler(SERVICE, methods)
        self._server.add_generic_rpc_handlers((handler,))
        self.ports = [self._server.add_insecure_port(address) for address in addresses]

    async def start(self) -> None:
        """Begin to listen."""
        await self._server.start()

    async def stop(self, *, grace_s: float) -> None:
        """End every stream with status 0, as a recycled stream would."""
        await self._server.stop(grace_s)

    async def _delta(self, _: object, call: Call[DeltaDiscoveryRequest]) -> None:
        await self._serve(call, Delta())

    async def _whole(self, _: object, call: Call[DiscoveryRequest]) -> None:
        await self._serve(call, WholeState())

    async def _serve(self, call: Call[Request], dialect: Dialect[Request]) -> None:
        try:
            request = await call.read()
            if request is grpc.aio.EOF:
                return
            status = self._status(request, dialect.name)
            stream = Stream(dialect, status, self._clock)
            await _Pump(self._hub, call, stream).run(request)
        except Refused as refused:
            log.warning("stream_refused", why=refused.why, code=refused.code.name, peer=call.peer())
            await call.abort(refused.code, refused.why)

    def _status(self, request: DiscoveryRequest | DeltaDiscoveryRequest, protocol: str) -> ProxyStatus:
        return ProxyStatus(
            stream=next(self._numbers),
            node=request.node.id,
            endpoint="",
            build=build_version(request.node),
            protocol=protocol,
            connected_at=self._clock.now(),
        )


@dataclass(slots=True)
class _Pump(Generic[Request]):
    """Moves things between one call and its stream: one task reads, one writes."""

    hub: Hub
    call: Call[Request]
    stream: Stream[Request]

    async def run(self, first: Request) -> None:
        outbox = _Outbox()
        await self._catch_up(first)
        connection = self._connect(first, outbox)
        status = self.stream.status
        status.endpoint = connection.channel.endpoint
        log.info("proxy_connected", proxy=status.node, stream=status.stream, build=status.build)
        try:
            async with asyncio.TaskGroup() as tasks:
                writer = tasks.create_task(self._write(connection, outbox), name=f"xds-write-{status.stream}")
                await self._read(first, outbox)
                writer.cancel()
        except ExceptionGroup as group:
            # The writer ends the stream when its endpoint is gone; nothing else may fail here.
            refused, others = group.split(Refused)
            if others is not None or refused is None:
                raise
            raise refused.exceptions[0] from None
        finally:
            self.hub.disconnect(connection)
            log.info("proxy_disconnected", proxy=status.node, stream=status.stream)

    async def _catch_up(self, first: Request) -> None:
        """Never give a proxy something older than it has; one that has nothing takes what there is."""
        try:
            await self.hub.catch_up()
        except Unavailable as error:
            if self.stream.holds_something(first):
                raise Refused(grpc.StatusCode.UNAVAILABLE, str(error)) from error

    def _connect(self, first: Request, outbox: "_Outbox") -> Connection:
        status = self.stream.status
        try:
            connection = self.hub.connect(
                node_id(status.node), wishes_of(first.node), status, outbox.wake.set
            )
        except UnknownNode as error:
            raise Refused(grpc.StatusCode.INVALID_ARGUMENT, str(error)) from error
        except TooManyProxies as error:
            raise Refused(grpc.StatusCode.RESOURCE_EXHAUSTED, str(error)) from error
        if connection.channel.published is not None:
            outbox.taken = connection.channel.published
            outbox.put(self.stream.publish(outbox.taken))
        return connection

    async def _read(self, first: Request, outbox: "_Outbox") -> None:
        request = first
        while request is not grpc.aio.EOF:
            refused = sum(one.refused for one in self.stream.status.types.values())
            outbox.put(self.stream.hear(request))
            if sum(one.refused for one in self.stream.status.types.values()) > refused:
                self._log_refusal(request)
            request = await self.call.read()

    def _log_refusal(self, request: Request) -> None:
        log.warning(
            "resources_refused",
            proxy=self.stream.status.node,
            kind=request.type_url.rpartition(".")[2],
            nonce=request.response_nonce,
            why=request.error_detail.message,
        )

    async def _write(self, connection: Connection, outbox: "_Outbox") -> None:
        while True:
            try:
                async with asyncio.timeout(CLOCK_S if self.stream.needs_the_clock() else None):
                    await outbox.wake.wait()
            except TimeoutError:
                outbox.put(self.stream.look_at_the_clock())
            outbox.wake.clear()
            channel = connection.channel
            if channel.gone is not None:
                raise Refused(grpc.StatusCode.INVALID_ARGUMENT, channel.gone)
            if channel.published is not None and channel.published is not outbox.taken:
                outbox.taken = channel.published
                outbox.put(self.stream.publish(outbox.taken))
            while outbox.waiting:
                await self.call.write(outbox.waiting.popleft())


class _Outbox:
    """What waits to be written. Bounded by the session, which has one answer of a type in flight."""

    def __init__(self) -> None:
        self.wake = asyncio.Event()
        self.waiting: deque[bytes] = deque()
        self.taken: Published | None = None

    def put(self, answers: list[bytes]) -> None:
        """Queue answers and wake the writer."""
        if answers:
            self.waiting.extend(answers)
            self.wake.set()


def _method(serve: Callable[..., Awaitable[None]], request: type[Message]) -> grpc.RpcMethodHandler:
    """A bidirectional method whose answers are bytes already."""
    return grpc.stream_stream_rpc_method_handler(
        serve, request_deserializer=request.FromString, response_serializer=None
    )
