"""Where a virtual node takes requests, and how.

Source: App Mesh API 2019-01-25, `Listener`; user guide, page on virtual nodes.
"""

from collections.abc import Iterator

from gossamer.model.connection_pool import VirtualNodeConnectionPool
from gossamer.model.health_check import HealthCheckPolicy
from gossamer.model.outlier_detection import OutlierDetection
from gossamer.model.port_mapping import PortMapping, PortProtocol
from gossamer.model.spec import Ruled, Violated
from gossamer.model.timeout import ListenerTimeout
from gossamer.model.tls import ListenerTls


class Listener(Ruled):
    """A port of a virtual node.

    `timeout` and `connectionPool` hold the member of the listener's protocol. A health check is of the
    listener's port, and one of protocol `grpc` needs a listener that speaks http2 or grpc.
    """

    port_mapping: PortMapping
    """The port and its protocol."""
    health_check: HealthCheckPolicy | None = None
    """How clients check the endpoints."""
    timeout: ListenerTimeout | None = None
    """How long requests may take."""
    connection_pool: VirtualNodeConnectionPool | None = None
    """How much is taken at once."""
    outlier_detection: OutlierDetection | None = None
    """When clients set an endpoint aside."""
    tls: ListenerTls | None = None
    """TLS on the port."""

    def _broken_rules(self) -> Iterator[Violated]:
        for member, union in (("timeout", self.timeout), ("connectionPool", self.connection_pool)):
            protocol = self.port_mapping.protocol.value
            if union is not None and union.chosen != protocol:
                yield Violated(
                    f"must set {protocol}, the listener's protocol, and not {union.chosen}", member
                )
        if self.health_check is not None:
            yield from self._broken_health_check_rules(self.health_check)

    def _broken_health_check_rules(self, check: HealthCheckPolicy) -> Iterator[Violated]:
        is_grpc_able = self.port_mapping.protocol in (PortProtocol.HTTP2, PortProtocol.GRPC)
        if check.protocol is PortProtocol.GRPC and not is_grpc_able:
            # The managed service's sentence.
            yield Violated(
                "GRPC HealthCheck requires listener type of HTTP2 or GRPC.", "healthCheck.protocol"
            )
        if check.port not in (None, self.port_mapping.port):
            yield Violated(f"must be the listener's port, {self.port_mapping.port}", "healthCheck.port")
