"""model.connection_pool -> envoy.config.cluster.v3.CircuitBreakers.

Source: App Mesh API `VirtualNodeConnectionPool`, `VirtualGatewayConnectionPool`; public dumps; App Mesh
roadmap issues 6 and 229.
"""

from typing import Final

from envoy.config.cluster.v3.circuit_breaker_pb2 import CircuitBreakers

from gossamer.compile.value import uint32
from gossamer.model.connection_pool import VirtualGatewayConnectionPool, VirtualNodeConnectionPool

#: No limit: what the managed service wrote where the operator set none. Envoy's own 1,024 would be one.
UNLIMITED: Final = 2147483647


def circuit_breakers(
    *, connections: int = UNLIMITED, pending: int = UNLIMITED, requests: int = UNLIMITED
) -> CircuitBreakers:
    """All four limits of the default priority; the high priority keeps Envoy's."""
    return CircuitBreakers(
        thresholds=[
            CircuitBreakers.Thresholds(
                max_connections=uint32(connections),
                max_pending_requests=uint32(pending),
                max_requests=uint32(requests),
                max_retries=uint32(UNLIMITED),
            )
        ]
    )


def pool_limits(pool: VirtualNodeConnectionPool | VirtualGatewayConnectionPool | None) -> CircuitBreakers:
    """Translate what a listener's application can take.

    Absent: unlimited.
    """
    if pool is None:
        return circuit_breakers()
    if pool.http is not None:
        pending = pool.http.max_pending_requests
        return circuit_breakers(
            connections=pool.http.max_connections, pending=UNLIMITED if pending is None else pending
        )
    if isinstance(pool, VirtualNodeConnectionPool) and pool.tcp is not None:
        return circuit_breakers(connections=pool.tcp.max_connections)
    many = pool.http2 or pool.grpc
    return circuit_breakers(requests=many.max_requests) if many is not None else circuit_breakers()
