"""What the streams count, in series made once: a message costs no look-up; and times from commit to ack."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gossamer.compile.resources import ResourceType
from gossamer.telemetry import metrics
from gossamer.telemetry.cause import Cause
from gossamer.xds.protocol import Published, Resource

_NAMES: Final = {type_: type_.name.lower() for type_ in ResourceType}

MESSAGES: Final = {type_: metrics.MESSAGES_SENT.labels(name) for type_, name in _NAMES.items()}
BYTES: Final = {type_: metrics.BYTES_SENT.labels(name) for type_, name in _NAMES.items()}
ACKED: Final = {type_: metrics.UPDATES_ACKED.labels(name) for type_, name in _NAMES.items()}
REFUSED: Final = {type_: metrics.UPDATES_REFUSED.labels(name) for type_, name in _NAMES.items()}
ACK_SECONDS: Final = {type_: metrics.ACK_SECONDS.labels(name) for type_, name in _NAMES.items()}
RESOURCES: Final = {type_: metrics.RESOURCES_PUBLISHED.labels(name) for type_, name in _NAMES.items()}
TO_PUBLISH: Final = {type_: metrics.CHANGE_PUBLISHED_SECONDS.labels(name) for type_, name in _NAMES.items()}
TO_SEND: Final = {type_: metrics.CHANGE_SENT_SECONDS.labels(name) for type_, name in _NAMES.items()}
TO_ACK: Final = {type_: metrics.CHANGE_ACKED_SECONDS.labels(name) for type_, name in _NAMES.items()}


def counted(published: Published, before: Published | None, cause: Cause | None) -> None:
    """Count what is published anew, beside what was before."""
    for type_ in ResourceType:
        new, old = published.of(type_), before.of(type_) if before is not None else {}
        if new is old:
            continue  # What did not change kept its identity.
        RESOURCES[type_].inc(_changed(new, old))
        if cause is not None:
            TO_PUBLISH[type_].observe(cause.age())


def _changed(new: Mapping[str, Resource], old: Mapping[str, Resource]) -> int:
    return sum(one is not old.get(name) for name, one in new.items())


@dataclass(slots=True)
class _Awaited:
    """An answer that the proxy has not spoken about, when it went out, and why."""

    nonce: str
    sent_at: float
    cause: Cause | None


class Meter:
    """Counts what one stream does, and times each change until the proxy's word about it."""

    def __init__(self) -> None:
        self._cause: Cause | None = None
        self._awaited: dict[ResourceType, _Awaited] = {}

    def published(self, cause: Cause | None) -> None:
        """Something newer is to be sent. What the proxy has not got all of yet goes on being timed first."""
        if self._cause is None:
            self._cause = cause

    def sent(self, type_: ResourceType, nonce: str, size: int) -> None:
        """An answer goes out."""
        MESSAGES[type_].inc()
        BYTES[type_].inc(size)
        if self._cause is not None:
            TO_SEND[type_].observe(self._cause.age())
        self._awaited[type_] = _Awaited(nonce, time.monotonic(), self._cause)

    def heard(self, type_: ResourceType, nonce: str, why: str | None) -> None:
        """The proxy said something about an answer; `why` is None if it accepted."""
        (ACKED if why is None else REFUSED)[type_].inc()
        awaited = self._awaited.get(type_)
        if awaited is None or awaited.nonce != nonce:
            return
        del self._awaited[type_]
        ACK_SECONDS[type_].observe(time.monotonic() - awaited.sent_at)
        if why is None and awaited.cause is not None:
            TO_ACK[type_].observe(awaited.cause.age())

    def settled(self) -> None:
        """The proxy runs it all, has refused it, or keeps silent: what comes next is timed anew."""
        self._cause = None
