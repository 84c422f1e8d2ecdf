"""Times each change on one stream, from its commit until the proxy's word about it, and traces it."""

import time
from dataclasses import dataclass

from gossamer.compile.resources import ResourceType
from gossamer.telemetry.cause import Cause
from gossamer.telemetry.trace import Kind, Span, follows
from gossamer.xds.counts import ACK_SECONDS, ACKED, BYTES, MESSAGES, REFUSED, TO_ACK, TO_SEND


@dataclass(slots=True)
class _Awaited:
    """An answer that the proxy has not spoken about, when it went out, and why."""

    nonce: str
    sent_at: float
    cause: Cause | None
    span: Span | None


class Meter:
    """Hears of all that goes out on a stream and comes back."""

    __slots__ = ("_awaited", "_cause", "_node", "_published_at")

    def __init__(self, node: str) -> None:
        self._node = node
        self._cause: Cause | None = None
        self._published_at = 0.0
        self._awaited: dict[ResourceType, _Awaited] = {}

    def published(self, cause: Cause | None) -> None:
        """Something newer is to be sent. What the proxy has not got all of yet goes on being timed first."""
        if self._cause is None:
            self._cause = cause
            self._published_at = time.monotonic()

    def sent(self, type_: ResourceType, nonce: str, size: int) -> None:
        """An answer goes out; it replaces one of its type that nothing was said about."""
        MESSAGES[type_].add()
        BYTES[type_].add(size)
        now, cause, span = time.monotonic(), self._cause, None
        self._end(type_, "nothing was said about it before the next")
        if cause is not None:
            TO_SEND[type_].observe(cause.age_at(now))
            span = self._traced(type_, nonce, size, cause)
        self._awaited[type_] = _Awaited(nonce, now, cause, span)

    def heard(self, type_: ResourceType, nonce: str, why: str | None) -> None:
        """The proxy said something about an answer; `why` is None if it accepted."""
        (ACKED if why is None else REFUSED)[type_].add()
        awaited = self._awaited.get(type_)
        if awaited is None or awaited.nonce != nonce:
            return
        now = time.monotonic()
        ACK_SECONDS[type_].observe(now - awaited.sent_at)
        if why is None and awaited.cause is not None:
            TO_ACK[type_].observe(awaited.cause.age_at(now))
        self._end(type_, why or "")

    def settled(self) -> None:
        """The proxy runs it all, has refused it, or keeps silent: what comes next is timed anew."""
        self._cause = None

    def closed(self) -> None:
        """The stream has ended."""
        for type_ in tuple(self._awaited):
            self._end(type_, "the stream ended before anything was said about it")

    def _traced(self, type_: ResourceType, nonce: str, size: int, cause: Cause) -> Span | None:
        """The span of the wait for the proxy's word, below that of the sending."""
        if cause.span is None:
            return None
        name = type_.name.lower()
        sending = follows(f"send {name}", cause.span, since=self._published_at, kind=Kind.PRODUCER)
        if sending is None:
            return None
        sending.tell({"gossamer.proxy": self._node, "gossamer.nonce": nonce, "gossamer.bytes": size})
        sending.end()
        waiting = follows(f"ack {name}", sending)
        if waiting is not None:
            waiting.tell({"gossamer.proxy": self._node, "gossamer.nonce": nonce})
        return waiting

    def _end(self, type_: ResourceType, error: str) -> None:
        awaited = self._awaited.pop(type_, None)
        if awaited is not None and awaited.span is not None:
            awaited.span.end(error=error)
