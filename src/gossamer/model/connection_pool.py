"""How much a listener takes at once.

Source: App Mesh API 2019-01-25, `VirtualNodeConnectionPool`, `VirtualGatewayConnectionPool`, their members.
"""

from typing import Annotated

from gossamer.model.rule import Between
from gossamer.model.spec import Spec, Union

# The API's integers have 32 bits and a sign.
Limit = Annotated[int, Between(1, 2**31 - 1)]


class VirtualNodeHttpConnectionPool(Spec):
    """Limits of a listener that speaks HTTP/1.1."""

    max_connections: Limit
    """How many connections may be open at once."""
    max_pending_requests: Limit | None = None
    """How many requests may wait for a connection; the effective default is 2147483647."""


class VirtualNodeHttp2ConnectionPool(Spec):
    """Limits of a listener that speaks HTTP/2."""

    max_requests: Limit
    """How many requests may be under way at once."""


class VirtualNodeGrpcConnectionPool(Spec):
    """Limits of a listener that speaks gRPC."""

    max_requests: Limit
    """How many requests may be under way at once."""


class VirtualNodeTcpConnectionPool(Spec):
    """Limits of a listener that passes TCP on."""

    max_connections: Limit
    """How many connections may be open at once."""


class VirtualNodeConnectionPool(Union):
    """The limits of a listener; the member that is set must be the listener's protocol."""

    http: VirtualNodeHttpConnectionPool | None = None
    """Limits of a listener that speaks HTTP/1.1."""
    http2: VirtualNodeHttp2ConnectionPool | None = None
    """Limits of a listener that speaks HTTP/2."""
    grpc: VirtualNodeGrpcConnectionPool | None = None
    """Limits of a listener that speaks gRPC."""
    tcp: VirtualNodeTcpConnectionPool | None = None
    """Limits of a listener that passes TCP on."""


class VirtualGatewayHttpConnectionPool(VirtualNodeHttpConnectionPool):
    """Limits of a gateway's listener that speaks HTTP/1.1."""


class VirtualGatewayHttp2ConnectionPool(VirtualNodeHttp2ConnectionPool):
    """Limits of a gateway's listener that speaks HTTP/2."""


class VirtualGatewayGrpcConnectionPool(VirtualNodeGrpcConnectionPool):
    """Limits of a gateway's listener that speaks gRPC."""


class VirtualGatewayConnectionPool(Union):
    """The limits of a gateway's listener; the member that is set must be the listener's protocol."""

    http: VirtualGatewayHttpConnectionPool | None = None
    """Limits of a listener that speaks HTTP/1.1."""
    http2: VirtualGatewayHttp2ConnectionPool | None = None
    """Limits of a listener that speaks HTTP/2."""
    grpc: VirtualGatewayGrpcConnectionPool | None = None
    """Limits of a listener that speaks gRPC."""
