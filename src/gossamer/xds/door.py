"""How streams come in: gRPC's options, who is asked, over which TLS, and for how long they may stay.

Source: gRPC Core, channel arguments, keepalive and connection age; Envoy's documentation of gRPC services.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Final

from gossamer.xds.admission import Admission, Everybody
from gossamer.xds.tls import TlsMaterial

#: A storm of reconnecting proxies must not be shed, which gRPC's own bounds would do past 1,000 waiting
#: streams. Pings come from proxies every ten seconds, also while nothing happens; ours find those that are
#: gone without a word.
OPTIONS: Final = (
    ("grpc.server.max_pending_requests", 100_000),
    ("grpc.server.max_pending_requests_hard_limit", 200_000),
    ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 15_000),
    ("grpc.max_receive_message_length", 16 * 1024 * 1024),
    ("grpc.so_reuseport", 0),
    ("grpc.http2.bdp_probe", 0),
)

#: How long whoever opened a stream may take over its first request.
FIRST_WORD_S: Final = 60.0

#: Of a stream's age: when its connection is told to take no more streams (gRPC spreads that by a tenth), when
#: the first and the last of them end, and how long after being told a connection is cut off in any case.
_TOLD: Final = 0.8
_FIRST: Final = 0.9
_CUT: Final = 1.2


@dataclass(frozen=True, slots=True)
class Door:
    """One server's. A stream ends when it is about `max_age_s` old, so that replicas share; 0 lets it stay.

    The connection is told first (GOAWAY), so that the proxy comes back over a new one, which a load balancer
    may give to another replica.
    """

    admission: Admission = field(default_factory=Everybody)
    tls: Callable[[], TlsMaterial] | None = None
    max_age_s: float = 0
    random: Random = field(default_factory=Random)

    def options(self) -> tuple[tuple[str, int], ...]:
        """What gRPC is told."""
        if not self.max_age_s:
            return OPTIONS
        told, cut = (max(1, round(self.max_age_s * part * 1000)) for part in (_TOLD, _CUT))
        return (*OPTIONS, ("grpc.max_connection_age_ms", told), ("grpc.max_connection_age_grace_ms", cut))

    def stays_until(self) -> float | None:
        """When a stream that comes now is to end, as `time.monotonic` tells; never all at once."""
        if not self.max_age_s:
            return None
        return time.monotonic() + self.max_age_s * self.random.uniform(_FIRST, 1)
