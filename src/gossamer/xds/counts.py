"""What the streams count, in series made once: a message costs no look-up."""

from collections.abc import Mapping
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
