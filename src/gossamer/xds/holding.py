"""How it stands with one resource on one stream: what the proxy is to run, was sent last, and runs."""

import enum
from dataclasses import dataclass

from gossamer.compile.resources import ResourceType
from gossamer.xds.protocol import Resource


class State(enum.Enum):
    """How far it has come."""

    APPLIED = "applied"
    SENT = "sent"
    REFUSED = "refused"
    PENDING = "pending"


@dataclass(frozen=True, slots=True)
class Holding:
    """One name. What is None is not published any more, was never sent, or does not run.

    `is_coming` while an answer about it waits for the proxy's word.
    """

    type: ResourceType
    name: str
    published: Resource | None
    sent: Resource | None
    running: Resource | None
    is_coming: bool = False
    is_refused: bool = False

    @property
    def state(self) -> State:
        """How far the newest has come: refused, sent and not answered, applied, or still to be sent."""
        if self.is_refused:
            return State.REFUSED
        if self.is_coming:
            return State.SENT
        is_there = _version(self.running) == _version(self.published)
        return State.APPLIED if is_there else State.PENDING


def _version(resource: Resource | None) -> str | None:
    return None if resource is None else resource.version
