"""Moves things between one call and its stream, for as long as its visitor is permitted."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Final, Generic

import grpc
import grpc.aio
import structlog

from gossamer.errors import Unavailable
from gossamer.telemetry import metrics
from gossamer.xds.admission import ENDED, ESTABLISHED, TERMINATED
from gossamer.xds.call import Decoding, Over, Refused
from gossamer.xds.hub import Channel, Connection, Hub, TooManyProxies
from gossamer.xds.life import Life
from gossamer.xds.node_id import NodeId, UnknownNode
from gossamer.xds.node_wish import wishes_of
from gossamer.xds.outbox import Outbox
from gossamer.xds.stream import Request, Stream, TooManyNames
from gossamer.xds.wire import LONGEST_REFUSAL

log = structlog.get_logger(__name__)

#: How long a stream that is to end waits for the word about what it was sent last.
LAST_WORD_S: Final = 3.0


@dataclass(eq=False, slots=True)
class Pump(Generic[Request]):
    """Moves things between one call and its stream: one task reads, one writes."""

    hub: Hub
    call: Decoding[Request]
    stream: Stream[Request]
    life: Life
    outbox: Outbox = field(default_factory=Outbox)
    begun_at: float = field(default_factory=time.monotonic)
    ending: Refused | Over | None = None
    _last_word_by: float = 0.0
    _writer: asyncio.Task[None] | None = None
    #: Whether the next pulse is awaited: one for all that may become due, as most of it comes long before.
    _awaits_pulse: bool = False
    _has_rung: bool = False

    async def review(self) -> None:
        """End the stream if it may not go on."""
        try:
            await self.life.permitted()
        except Refused as refused:
            refused.reason = "revoked"
            self.end(refused)

    def end(self, ending: Refused | Over) -> None:
        """End the stream: refused at once, in order once the proxy has spoken about what it was sent."""
        if self.ending is None or isinstance(ending, Refused):
            self.ending = ending
            self._last_word_by = time.monotonic() + LAST_WORD_S
            self.outbox.bell.ring()

    def drop(self, refused: Refused) -> None:
        """End the stream of a proxy that does not read."""
        self.end(refused)
        if self._writer is not None:
            self._writer.cancel()

    async def run(self, first: Request) -> None:
        """Serve a stream whose first request was read, until it ends.

        Raises: Refused.
        """
        node = await self.life.permitted()
        await self._catch_up(first)
        async with self.hub.turnstile.passed():
            connection = self._connect(node, first)
        self.life.is_served = True
        self.life.note(ESTABLISHED)
        status = self.stream.status
        log.info("proxy_connected", proxy=status.node, stream=status.stream, build=status.build)
        reason = "failed"
        try:
            reason = await self._served(connection, first)
            self.life.note(ENDED)
        except Refused as refused:
            reason = refused.reason
            raise
        except asyncio.CancelledError:
            reason = "lost"
            self.life.note(TERMINATED, grpc.StatusCode.CANCELLED.name, "the connection was lost")
            raise
        finally:
            self.hub.disconnect(connection)
            self.stream.closed()
            metrics.STREAMS_CLOSED.labels(reason).inc()
            log.info("proxy_disconnected", proxy=status.node, stream=status.stream, why=reason)

    async def _served(self, connection: Connection, first: Request) -> str:
        """Serve the stream; why it ended in order."""
        try:
            async with asyncio.TaskGroup() as tasks:
                number = self.stream.status.stream
                self._writer = tasks.create_task(self._write(connection), name=f"xds-write-{number}")
                # A task of its own too: whatever awaits something is gone through whenever that happens.
                tasks.create_task(self._read(first, self._writer), name=f"xds-read-{number}")
        except ExceptionGroup as group:
            # Whatever ends a stream from within is one of these; nothing else may fail here.
            ends, others = group.split((Refused, Over))
            if others is not None or ends is None:
                raise
            end = ends.exceptions[0]
            if isinstance(end, Over):
                return end.reason
            raise end from None
        finally:
            self.hub.pulse.forget(self._ring)
        return "ended"

    async def _catch_up(self, first: Request) -> None:
        """Never give a proxy something older than it has; one that has nothing takes what there is."""
        try:
            await self.hub.catch_up()
        except Unavailable as error:
            if self.stream.holds_something(first):
                raise Refused(grpc.StatusCode.UNAVAILABLE, str(error)) from error

    def _connect(self, node: NodeId, first: Request) -> Connection:
        outbox = self.outbox
        try:
            connection = self.hub.connect(node, wishes_of(first.node), self.stream.status, outbox.bell.ring)
        except UnknownNode as error:
            raise Refused(grpc.StatusCode.INVALID_ARGUMENT, str(error)) from error
        except TooManyProxies as error:
            raise Refused(grpc.StatusCode.RESOURCE_EXHAUSTED, str(error)) from error
        connection.holdings = self.stream.holdings
        if connection.channel.published is not None:
            outbox.taken = connection.channel.published
            outbox.put(self.stream.publish(outbox.taken))
        metrics.STREAMS_OPENED.labels(self.stream.status.protocol.replace(" ", "_")).inc()
        return connection

    async def _read(self, first: Request, writer: asyncio.Task[None]) -> None:
        self._hear(first)
        while True:
            self.hub.register.note(self.stream.status)
            if self.ending is not None:
                self.outbox.bell.ring()
            if self.outbox.is_full():
                await self.outbox.room()
            raw = await self.call.read_raw()
            if raw is grpc.aio.EOF:
                writer.cancel()
                return
            answers = self.stream.hear_ack(raw)
            if answers is None:
                self._hear(self.call.decoded(raw))
            else:
                self.outbox.put(answers)

    def _hear(self, request: Request) -> None:
        status = self.stream.status
        # Most say nothing of the kind, and need not be counted.
        refused = status.refusals() if request.HasField("error_detail") else None
        try:
            self.outbox.put(self.stream.hear(request))
        except TooManyNames as error:
            raise Refused(grpc.StatusCode.RESOURCE_EXHAUSTED, str(error)) from error
        if refused is not None and status.refusals() > refused:
            self._log_refusal(request)

    def _log_refusal(self, request: Request) -> None:
        log.warning(
            "resources_refused",
            proxy=self.stream.status.node,
            kind=request.type_url.rpartition(".")[2],
            nonce=request.response_nonce,
            why=request.error_detail.message[:LONGEST_REFUSAL],
        )

    async def _write(self, connection: Connection) -> None:
        outbox = self.outbox
        try:
            while True:
                self._await_pulse()
                if not outbox.bell.has_rung:
                    await outbox.bell.next_ring()
                self._take_news(connection.channel)
                outbox.bell.has_rung = False
                while outbox.waiting:
                    await self.call.write(outbox.next())
                    outbox.written()
                if self.ending is not None and self._has_spoken():
                    raise self.ending
        except asyncio.CancelledError:
            if isinstance(self.ending, Refused):
                raise self.ending from None  # It was dropped; else the proxy has ended the stream.
            raise

    def _take_news(self, channel: Channel) -> None:
        """Queue what is to be said by now.

        Raises: Refused.
        """
        outbox = self.outbox
        if self._has_rung:
            self._has_rung = False
            outbox.put(self.stream.look_at_the_clock())
        if isinstance(self.ending, Refused):
            raise self.ending
        if channel.gone is not None:
            raise Refused(grpc.StatusCode.INVALID_ARGUMENT, channel.gone, "endpoint_gone")
        if channel.published is not None and channel.published is not outbox.taken:
            outbox.taken = channel.published
            outbox.put(self.stream.publish(outbox.taken, channel.cause))
            self.hub.register.note(self.stream.status)

    def _await_pulse(self) -> None:
        if not self._awaits_pulse and self._needs_the_clock():
            self._awaits_pulse = True
            self.hub.pulse.await_next(self._ring)

    def _ring(self) -> None:
        """It is time to look at the clock, if anything is still to become due."""
        self._awaits_pulse = False
        if self._needs_the_clock():
            self._has_rung = True
            self.outbox.bell.ring()

    def _needs_the_clock(self) -> bool:
        return self.stream.needs_the_clock() or self.ending is not None

    def _has_spoken(self) -> bool:
        """Whether nothing more is to be waited for."""
        return not self.stream.awaits_word() or time.monotonic() >= self._last_word_by
