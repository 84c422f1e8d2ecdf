"""Where a virtual node takes requests, and how.

Source: App Mesh API 2019-01-25, `Listener`; user guide, page on virtual nodes.
"""

from collections.abc import Iterator

from gossamer.model.connection_pool import VirtualNodeConnectionPool
from gossamer.model.health_check import HealthCheckPolicy
from gossamer.model.outlier_detection import OutlierDetection
from gossamer.model.port_mapping import PortMapping, PortProtocol
from gossamer.model.spec import Ruled, Union, Violated
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
        yield from unsuited_member("timeout", self.timeout, self.port_mapping)
        yield from unsuited_member("connectionPool", self.connection_pool, self.port_mapping)
        yield from unsuited_check(self.health_check, self.port_mapping)


def unsuited_member(member: str, union: Union | None, mapping: PortMapping) -> Iterator[Violated]:
    """That a union with a member for each protocol sets one of another protocol than the listener's."""
    protocol = mapping.protocol.value
    if union is not None and union.chosen != protocol:
        yield Violated(f"must set {protocol}, the listener's protocol, and not {union.chosen}", member)


def unsuited_check(check: HealthCheckPolicy | None, mapping: PortMapping) -> Iterator[Violated]:
    """What a health check asks of a listener that the listener cannot answer."""
    if check is None:
        return
    if check.protocol is PortProtocol.GRPC and mapping.protocol not in (
        PortProtocol.HTTP2,
        PortProtocol.GRPC,
    ):
        why = "GRPC HealthCheck requires listener type of HTTP2 or GRPC."
        yield Violated(why, "healthCheck.protocol", is_verbatim=True)
    if check.port not in (None, mapping.port):
        yield Violated(f"must be the listener's port, {mapping.port}", "healthCheck.port")
