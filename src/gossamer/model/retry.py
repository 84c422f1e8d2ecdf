"""When and how often a route tries a request again.

Source: App Mesh API 2019-01-25, `HttpRetryPolicy`, `GrpcRetryPolicy`; events as the user guide's page on
routes lists them.
"""

import enum
from collections.abc import Iterator
from typing import Annotated

from gossamer.model.duration import Duration
from gossamer.model.rule import Between, Items
from gossamer.model.spec import Ruled, Violated


class HttpRetryPolicyEvent(enum.Enum):
    """What an HTTP answer, or its absence, must be to be tried again."""

    SERVER_ERROR = "server-error"
    GATEWAY_ERROR = "gateway-error"
    CLIENT_ERROR = "client-error"
    STREAM_ERROR = "stream-error"


class TcpRetryPolicyEvent(enum.Enum):
    """What must happen to a connection for its request to be tried again."""

    CONNECTION_ERROR = "connection-error"


class GrpcRetryPolicyEvent(enum.Enum):
    """The gRPC status that is tried again."""

    CANCELLED = "cancelled"
    DEADLINE_EXCEEDED = "deadline-exceeded"
    INTERNAL = "internal"
    RESOURCE_EXHAUSTED = "resource-exhausted"
    UNAVAILABLE = "unavailable"


class HttpRetryPolicy(Ruled):
    """When and how often an HTTP route tries a request again; it must list at least one event."""

    # Envoy counts retries in 32 bits.
    max_retries: Annotated[int, Between(0, 2**32 - 1)]
    """How often to try again at most; zero means never."""
    per_retry_timeout: Duration
    """How long each try may take, the first included."""
    http_retry_events: Annotated[tuple[HttpRetryPolicyEvent, ...], Items(1, 25)] | None = None
    """HTTP answers to try again."""
    tcp_retry_events: Annotated[tuple[TcpRetryPolicyEvent, ...], Items(1, 1)] | None = None
    """Connection failures to try again."""

    def _has_events(self) -> bool:
        return bool(self.http_retry_events or self.tcp_retry_events)

    def _broken_rules(self) -> Iterator[Violated]:
        if not self._has_events():
            yield Violated("must list at least one retry event")


class GrpcRetryPolicy(HttpRetryPolicy):
    """When and how often a gRPC route tries a request again; it must list at least one event."""

    grpc_retry_events: Annotated[tuple[GrpcRetryPolicyEvent, ...], Items(1, 5)] | None = None
    """gRPC statuses to try again."""

    def _has_events(self) -> bool:
        return bool(self.grpc_retry_events) or super()._has_events()
