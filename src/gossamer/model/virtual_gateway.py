"""A virtual gateway: where requests enter the mesh, and the home of gateway routes.

Source: App Mesh API 2019-01-25, `VirtualGatewaySpec`, `VirtualGatewayListener`,
`VirtualGatewayBackendDefaults`; user guide, page on virtual gateways.
"""

from collections.abc import Iterator

from gossamer.model.access_log import VirtualGatewayLogging
from gossamer.model.connection_pool import VirtualGatewayConnectionPool
from gossamer.model.health_check import VirtualGatewayHealthCheckPolicy
from gossamer.model.listener import unsuited_check, unsuited_member
from gossamer.model.port_mapping import VirtualGatewayPortMapping, shared_ports
from gossamer.model.spec import Ruled, Spec, Violated
from gossamer.model.virtual_gateway_tls import VirtualGatewayClientPolicy, VirtualGatewayListenerTls


class VirtualGatewayListener(Ruled):
    """A port of a virtual gateway.

    `connectionPool` holds the member of the listener's protocol. A health check is of the listener's port,
    and one of protocol `grpc` needs a listener that speaks http2 or grpc.
    """

    port_mapping: VirtualGatewayPortMapping
    """The port and its protocol."""
    health_check: VirtualGatewayHealthCheckPolicy | None = None
    """How the listener is checked."""
    connection_pool: VirtualGatewayConnectionPool | None = None
    """How much is taken at once."""
    tls: VirtualGatewayListenerTls | None = None
    """TLS on the port."""

    def _broken_rules(self) -> Iterator[Violated]:
        yield from unsuited_member("connectionPool", self.connection_pool, self.port_mapping)
        yield from unsuited_check(self.health_check, self.port_mapping)


class VirtualGatewayBackendDefaults(Spec):
    """What holds for every virtual service behind a gateway."""

    client_policy: VirtualGatewayClientPolicy | None = None
    """How to connect."""


class VirtualGatewaySpec(Ruled):
    """What an operator says of a virtual gateway; it has a listener, and no two of them have one port."""

    listeners: tuple[VirtualGatewayListener, ...]
    """Where requests enter."""
    backend_defaults: VirtualGatewayBackendDefaults | None = None
    """What holds for every virtual service behind it."""
    logging: VirtualGatewayLogging | None = None
    """What the gateway logs."""

    def _broken_rules(self) -> Iterator[Violated]:
        if not self.listeners:
            yield Violated("must have at least 1 item", "listeners")
        yield from shared_ports(listener.port_mapping for listener in self.listeners)
