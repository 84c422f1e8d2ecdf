"""What each connected proxy runs now, by type, and what it refused.

Facts only, in plain values: the API and the terminal show them.
"""

import datetime
from dataclasses import dataclass, field

from gossamer.compile.resources import ResourceType


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


@dataclass(slots=True)
class ProxyStatus:
    """One proxy on one stream. `account` owns the mesh of its endpoint, once that is known."""

    stream: int
    node: str
    endpoint: str
    build: str
    protocol: str
    connected_at: datetime.datetime
    account: str = ""
    in_sync: bool = False
    types: dict[ResourceType, TypeStatus] = field(default_factory=dict)

    def of(self, type_: ResourceType) -> TypeStatus:
        """The status of one type, made when it is first asked for."""
        return self.types.setdefault(type_, TypeStatus())
