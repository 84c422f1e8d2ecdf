"""Moves things between one call and its stream, for as long as its visitor is permitted."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Final, Generic

import grpc
import grpc.aio
import structlog

from gossamer.errors import Unavailable
from gossamer.telemetry import metrics
from gossamer.xds.admission import (
    ENDED,
    ESTABLISHED,
    TERMINATED,
    Admission,
    NotPermitted,
    StreamEvent,
    Unauthenticated,
    Visitor,
)
from gossamer.xds.call import Call, Refused
from gossamer.xds.hub import Connection, Hub, TooManyProxies
from gossamer.xds.node_id import NodeId, UnknownNode, node_id
from gossamer.xds.node_wish import wishes_of
from gossamer.xds.protocol import Published
from gossamer.xds.stream import Request, Stream
from gossamer.xds.wire import LONGEST_REFUSAL

log = structlog.get_logger(__name__)

#: How often a stream that waits for something looks at the clock.
CLOCK_S: Final = 1.0


class Outbox:
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


@dataclass(slots=True)
class Life:
    """One stream as the audit log sees it."""

    admission: Admission
    number: int
    peer: str
    visitor: Visitor = field(default_factory=Visitor)
    node: str = ""
    is_served: bool = False

    def note(self, status: str, code: str = "", why: str = "") -> None:
        """Tell of something in it."""
        self.admission.note(
            StreamEvent(
                stream=self.number,
                node=self.node,
                peer=self.peer,
                status=status,
                visitor=self.visitor,
                code=code,
                why=why,
            )
        )

    async def permitted(self) -> NodeId:
        """The endpoint that the stream speaks for.

        Raises: Refused.
        """
        try:
            return await self.admission.permit(self.visitor, node_id(self.node))
        except UnknownNode as error:
            raise Refused(grpc.StatusCode.INVALID_ARGUMENT, str(error)) from error
        except NotPermitted as error:
            raise Refused(grpc.StatusCode.PERMISSION_DENIED, str(error)) from error
        except Unauthenticated as error:
            raise Refused(grpc.StatusCode.UNAUTHENTICATED, str(error)) from error


@dataclass(eq=False, slots=True)
class Pump(Generic[Request]):
    """Moves things between one call and its stream: one task reads, one writes."""

    hub: Hub
    call: Call[Request]
    stream: Stream[Request]
    life: Life
    outbox: Outbox = field(default_factory=Outbox)
    revoked: Refused | None = None

    async def review(self) -> None:
        """End the stream if it may not go on."""
        try:
            await self.life.permitted()
        except Refused as refused:
            refused.reason = "revoked"
            self.revoked = refused
            self.outbox.wake.set()

    async def run(self, first: Request) -> None:
        """Serve a stream whose first request was read, until it ends.

        Raises: Refused.
        """
        node = await self.life.permitted()
        await self._catch_up(first)
        connection = self._connect(node, first)
        self.life.is_served = True
        self.life.note(ESTABLISHED)
        status = self.stream.status
        log.info("proxy_connected", proxy=status.node, stream=status.stream, build=status.build)
        reason = "failed"
        try:
            await self._serve(connection, first)
            reason = "ended"
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
            metrics.STREAMS_CLOSED.labels(reason).inc()
            log.info("proxy_disconnected", proxy=status.node, stream=status.stream, reason=reason)

    async def _serve(self, connection: Connection, first: Request) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                name = f"xds-write-{self.stream.status.stream}"
                writer = tasks.create_task(self._write(connection, self.outbox), name=name)
                await self._read(first, self.outbox)
                writer.cancel()
        except ExceptionGroup as group:
            # The writer ends the stream when its endpoint is gone; nothing else may fail here.
            refused, others = group.split(Refused)
            if others is not None or refused is None:
                raise
            raise refused.exceptions[0] from None

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
            connection = self.hub.connect(node, wishes_of(first.node), self.stream.status, outbox.wake.set)
        except UnknownNode as error:
            raise Refused(grpc.StatusCode.INVALID_ARGUMENT, str(error)) from error
        except TooManyProxies as error:
            raise Refused(grpc.StatusCode.RESOURCE_EXHAUSTED, str(error)) from error
        if connection.channel.published is not None:
            outbox.taken = connection.channel.published
            outbox.put(self.stream.publish(outbox.taken))
        metrics.STREAMS_OPENED.labels(self.stream.status.protocol.replace(" ", "_")).inc()
        return connection

    async def _read(self, first: Request, outbox: Outbox) -> None:
        request = first
        while request is not grpc.aio.EOF:
            refused = sum(one.refused for one in self.stream.status.types.values())
            outbox.put(self.stream.hear(request))
            self.hub.register.note(self.stream.status)
            if sum(one.refused for one in self.stream.status.types.values()) > refused:
                self._log_refusal(request)
            request = await self.call.read()

    def _log_refusal(self, request: Request) -> None:
        log.warning(
            "resources_refused",
            proxy=self.stream.status.node,
            kind=request.type_url.rpartition(".")[2],
            nonce=request.response_nonce,
            why=request.error_detail.message[:LONGEST_REFUSAL],
        )

    async def _write(self, connection: Connection, outbox: Outbox) -> None:
        while True:
            try:
                async with asyncio.timeout(CLOCK_S if self.stream.needs_the_clock() else None):
                    await outbox.wake.wait()
            except TimeoutError:
                outbox.put(self.stream.look_at_the_clock())
                self.hub.register.note(self.stream.status)
            outbox.wake.clear()
            if self.revoked is not None:
                raise self.revoked
            channel = connection.channel
            if channel.gone is not None:
                raise Refused(grpc.StatusCode.INVALID_ARGUMENT, channel.gone, "endpoint_gone")
            if channel.published is not None and channel.published is not outbox.taken:
                outbox.taken = channel.published
                outbox.put(self.stream.publish(outbox.taken, channel.cause))
                self.hub.register.note(self.stream.status)
            while outbox.waiting:
                await self.call.write(outbox.waiting.popleft())
