"""How long requests and connections may take.

Source: App Mesh API 2019-01-25, `HttpTimeout`, `GrpcTimeout`, `TcpTimeout`, `ListenerTimeout`.
"""

from gossamer.model.duration import Duration
from gossamer.model.spec import Spec, Union


class HttpTimeout(Spec):
    """Timeouts of HTTP requests; a duration of zero switches its timeout off."""

    idle: Duration | None = None
    """How long a connection may be without traffic."""
    per_request: Duration | None = None
    """How long one request may take, retries included; the effective default is 15 seconds."""


class GrpcTimeout(Spec):
    """Timeouts of gRPC requests; a duration of zero switches its timeout off."""

    idle: Duration | None = None
    """How long a connection may be without traffic."""
    per_request: Duration | None = None
    """How long one request may take, retries included; the effective default is 15 seconds."""


class TcpTimeout(Spec):
    """Timeouts of TCP connections; a duration of zero switches its timeout off."""

    idle: Duration | None = None
    """How long a connection may be without traffic."""


class ListenerTimeout(Union):
    """The timeouts of a listener; the member that is set must be the listener's protocol."""

    http: HttpTimeout | None = None
    """Timeouts of a listener that speaks HTTP/1.1."""
    http2: HttpTimeout | None = None
    """Timeouts of a listener that speaks HTTP/2."""
    grpc: GrpcTimeout | None = None
    """Timeouts of a listener that speaks gRPC."""
    tcp: TcpTimeout | None = None
    """Timeouts of a listener that passes TCP on."""
