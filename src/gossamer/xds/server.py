"""gRPC, the only I/O: reads requests, wakes on what is published, writes bytes.

Source: Envoy's aggregated discovery service; status codes as App Mesh's server used them (3 unknown endpoint,
8 too many proxies).
"""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import grpc
import grpc.aio
import structlog
from envoy.service.discovery.v3.discovery_pb2 import DeltaDiscoveryRequest, DiscoveryRequest

from gossamer.clock import Clock
from gossamer.telemetry import metrics
from gossamer.xds.admission import DISCOVERY, TERMINATED
from gossamer.xds.call import Call, Decoding, Over, Refused, presented, recognized
from gossamer.xds.door import FIRST_WORD_S, Door
from gossamer.xds.hub import Hub
from gossamer.xds.life import Life
from gossamer.xds.node_wish import accepts_http2, agent_of
from gossamer.xds.outbox import Outbox
from gossamer.xds.pump import LAST_WORD_S, Pump
from gossamer.xds.reporting import Reporting
from gossamer.xds.status import ProxyStatus
from gossamer.xds.stream import Delta, Dialect, Request, Stream, WholeState, build_version
from gossamer.xds.tls import server_credentials

log = structlog.get_logger(__name__)

AnyPump = Pump[DiscoveryRequest] | Pump[DeltaDiscoveryRequest]

#: How long a proxy may leave what it was sent unread.
SLOW_S: Final = 60.0

#: How often streams are looked at that may have to end.
TEND_S: Final = 1.0

#: While streams are handed over: the longest pause between two, and how often some end.
LONGEST_PAUSE_S: Final = 0.02
BEAT_S: Final = 0.05


class XdsServer:
    """The management server on its addresses: `host:port`, or `unix:/path`."""

    #: Tests shorten it.
    slow_s = SLOW_S

    def __init__(self, hub: Hub, clock: Clock, addresses: Sequence[str], door: Door | None = None) -> None:
        self._hub = hub
        self._clock = clock
        self._door = door or Door()
        self._pumps: dict[AnyPump, float | None] = {}
        self._numbers = itertools.count(1)
        self._is_draining = False
        self._server = grpc.aio.server(options=self._door.options())
        methods = {
            "DeltaAggregatedResources": _method(self._delta),
            "StreamAggregatedResources": _method(self._whole),
        }
        handler = grpc.method_handlers_generic_handler(DISCOVERY, methods)
        self._reporting = Reporting(hub.reports, self._door, self._numbers)
        self._server.add_generic_rpc_handlers((handler, *self._reporting.handlers()))
        tls = self._door.tls
        self._credentials = server_credentials(tls) if tls is not None else None
        self.ports = [self._bound(address) for address in addresses]

    async def start(self) -> None:
        """Begin to listen."""
        await self._server.start()

    async def stop(self, *, grace_s: float) -> None:
        """End every stream with status 0, as a recycled stream would."""
        self._reporting.hand_over()
        await self._server.stop(grace_s)

    async def hand_over(self, within_s: float) -> None:
        """Send the proxies to other replicas: no new streams, and those that are here end one after another.

        Every connection is told at once to take no more streams (GOAWAY), so that a proxy whose stream ends
        comes back over a new connection. A few streams end at once, many are spread over the time.
        """
        self._is_draining = True
        self._reporting.hand_over()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._server.stop(within_s + LAST_WORD_S + TEND_S), name="stop-xds")
            pumps = list(self._pumps)
            pause = min(within_s / max(1, len(pumps)), LONGEST_PAUSE_S)
            batch = max(1, round(BEAT_S / pause)) if pause else max(1, len(pumps))
            for begin in range(0, len(pumps), batch):
                for pump in pumps[begin : begin + batch]:
                    pump.end(Over("drained"))
                await asyncio.sleep(pause * batch)

    async def tend(self) -> None:
        """For ever, end streams that are old enough, and drop those of proxies that do not read."""
        while True:
            await asyncio.sleep(TEND_S)
            now = time.monotonic()
            for pump, until in tuple(self._pumps.items()):
                if (silent := pump.outbox.blocked_for()) >= self.slow_s:
                    why = f"the proxy has read nothing for {silent:.0f} s"
                    pump.drop(Refused(grpc.StatusCode.RESOURCE_EXHAUSTED, why, "slow"))
                elif until is not None and until <= now:
                    pump.end(Over("recycled"))

    async def review(self) -> None:
        """Ask anew whether each open stream may go on: who may come in has changed."""
        for pump in tuple(self._pumps):
            await pump.review()
        await self._reporting.review()

    def queues(self) -> list[Outbox]:
        """What waits to be written, of each stream."""
        return [pump.outbox for pump in self._pumps]

    def _bound(self, address: str) -> int:
        """Listen on an address; a Unix socket needs no TLS."""
        if self._credentials is None or address.startswith("unix:"):
            return int(self._server.add_insecure_port(address))
        return int(self._server.add_secure_port(address, self._credentials))

    async def _delta(self, _: object, call: Call[bytes]) -> None:
        await self._serve(Decoding(call, DeltaDiscoveryRequest), Delta(), "DeltaAggregatedResources")

    async def _whole(self, _: object, call: Call[bytes]) -> None:
        await self._serve(Decoding(call, DiscoveryRequest), WholeState(), "StreamAggregatedResources")

    async def _serve(self, call: Decoding[Request], dialect: Dialect[Request], method: str) -> None:
        life = Life(self._door.admission, next(self._numbers), call.peer())
        try:
            life.visitor = recognized(self._door.admission, presented(call, method))
            request = await self._first(call)
            if request is grpc.aio.EOF:
                return
            status = self._status(request, dialect.name, life.number)
            life.node = status.node
            pump = Pump(self._hub, call, Stream(dialect, status, self._clock), life)
            self._pumps[pump] = self._door.stays_until()
            try:
                await pump.run(request)
            finally:
                del self._pumps[pump]
        except Refused as refused:
            if not life.is_served:
                metrics.STREAMS_REFUSED.labels(refused.reason).inc()
            log.warning("stream_refused", why=refused.why, code=refused.code.name, peer=call.peer())
            life.note(TERMINATED, refused.code.name, refused.why)
            await call.abort(refused.code, refused.why)

    async def _first(self, call: Decoding[Request]) -> Request:
        """A stream's first request.

        Raises: Refused.
        """
        if self._is_draining:
            raise Refused(grpc.StatusCode.UNAVAILABLE, "this replica is about to end; another one serves you")
        try:
            async with asyncio.timeout(FIRST_WORD_S):
                return await call.read()
        except TimeoutError:
            why = f"there was no request for {FIRST_WORD_S:.0f} s"
            raise Refused(grpc.StatusCode.INVALID_ARGUMENT, why) from None

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
            agent=agent_of(request.node),
        )


def _method(serve: Callable[..., Awaitable[None]]) -> grpc.RpcMethodHandler:
    """A bidirectional method that is given bytes, and whose answers are bytes already."""
    return grpc.stream_stream_rpc_method_handler(serve)
