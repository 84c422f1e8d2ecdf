"""What each connected proxy runs now, by type, and what it refused.

Facts only, in plain values: the API and the terminal show them.
"""

import datetime
from dataclasses import dataclass, field
from typing import Final

from gossamer.compile.resources import ResourceType
from gossamer.xds.node_id import NodeId

#: How long an answer may wait for its ack before its proxy counts as stale.
STALE: Final = datetime.timedelta(seconds=10)


@dataclass(slots=True)
class TypeStatus:
    """One type at one proxy. `refusal` is Envoy's own words about the last answer, None if it took it."""

    sent_at: datetime.datetime | None = None
    acked_at: datetime.datetime | None = None
    refused_at: datetime.datetime | None = None
    refusal: str | None = None
    sent: int = 0
    acked: int = 0
    refused: int = 0

    @property
    def waiting_since(self) -> datetime.datetime | None:
        """When the answer went out that the proxy has said nothing about yet; None if there is none."""
        sent = self.sent_at
        if sent is None or any(at is not None and at >= sent for at in (self.acked_at, self.refused_at)):
            return None
        return sent


@dataclass(slots=True)
class ProxyStatus:
    """One proxy on one stream. `account` owns the mesh of its endpoint, and `place` is that, once known.

    `accepts_http2` is what it says of itself, for callers of an application that speaks HTTP/1.1; `agent` the
    version of our agent that started it, if it was one.
    """

    stream: int
    node: str
    endpoint: str
    build: str
    protocol: str
    connected_at: datetime.datetime
    account: str = ""
    place: NodeId | None = None
    accepts_http2: bool = False
    agent: str = ""
    in_sync: bool = False
    types: dict[ResourceType, TypeStatus] = field(default_factory=dict)

    def of(self, type_: ResourceType) -> TypeStatus:
        """The status of one type, made when it is first asked for."""
        found = self.types.get(type_)
        if found is None:
            found = self.types[type_] = TypeStatus()
        return found

    def refusals(self) -> int:
        """How many answers it refused so far."""
        return sum(one.refused for one in self.types.values())

    @property
    def waiting_since(self) -> datetime.datetime | None:
        """When the oldest of the answers went out that it has said nothing about yet."""
        return min((at for one in self.types.values() if (at := one.waiting_since) is not None), default=None)

    @property
    def is_refusing(self) -> bool:
        """Whether it refused the last answer of any type."""
        return any(one.refusal is not None for one in self.types.values())

    def is_stale(self, now: datetime.datetime) -> bool:
        """Whether it runs something old: what was sent was refused, or not acknowledged for long."""
        since = self.waiting_since
        return self.is_refusing or (since is not None and now - since >= STALE)
