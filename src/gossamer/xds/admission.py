"""Who may open a stream, and for which mesh endpoint; what the streams ask, answered by the runtime.

Source: App Mesh user guide, proxy authorization: a stream without credentials is unauthenticated (16), one
whose principal may not stream for its endpoint is forbidden (7).
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from gossamer.xds.node_id import NodeId

#: How a stream's life is told: the words of App Mesh's service events.
ESTABLISHED: Final = "ConnectionEstablished"
ENDED: Final = "ConnectionGracefullyTerminated"
TERMINATED: Final = "ConnectionTerminated"


#: The service of the streams that configure proxies.
DISCOVERY: Final = "envoy.service.discovery.v3.AggregatedDiscoveryService"


class Unauthenticated(Exception):
    """The stream does not prove who it is; the text says why."""


class NotPermitted(Exception):
    """Whoever it is may not stream for this endpoint; the text says who and which."""


@dataclass(frozen=True, slots=True)
class Presented:
    """What a stream shows of itself.

    `method` of `service` is what it calls, `uris` are those in the certificate of its TLS connection.
    `is_local` for a Unix socket, whose file's permissions are credentials enough.
    """

    method: str
    metadata: Mapping[str, str]
    uris: tuple[str, ...] = ()
    is_local: bool = False
    peer: str = ""
    service: str = DISCOVERY


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whoever opened a stream. One of no account may speak for everybody, if it is local or nobody is asked.

    `key` is the access key that signed. `endpoints` are patterns of short node ids, for one that brought a
    token or a certificate instead of a key; a token ends at `expires_at`.
    """

    account: str | None = None
    principal: str = ""
    key: str | None = None
    endpoints: tuple[str, ...] = ()
    expires_at: datetime.datetime | None = None
    is_local: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamEvent:
    """Something in a stream's life; `why` is why it ended, if it did not do so by itself."""

    stream: int
    node: str
    peer: str
    status: str
    visitor: Visitor = field(default_factory=Visitor)
    code: str = ""
    why: str = ""


class Admission(Protocol):
    """Tells who opens a stream, and whether they may."""

    def recognize(self, presented: Presented) -> Visitor:
        """Whoever opened a stream.

        Raises: Unauthenticated.
        """
        ...

    async def permit(self, visitor: Visitor, node: NodeId) -> NodeId:
        """The endpoint that they speak for, with its account.

        Raises: NotPermitted.
        """
        ...

    def note(self, event: StreamEvent) -> None:
        """Hear of a stream's life."""
        ...


class Everybody:
    """Lets every stream in, for every endpoint."""

    def recognize(self, _: Presented) -> Visitor:
        """Nobody in particular."""
        return Visitor()

    async def permit(self, _: Visitor, node: NodeId) -> NodeId:
        """What the node id says."""
        return node

    def note(self, _: StreamEvent) -> None:
        """Nobody is told."""
