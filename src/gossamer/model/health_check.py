"""How clients find out whether an endpoint is healthy.

Source: App Mesh API 2019-01-25, `HealthCheckPolicy`, `VirtualGatewayHealthCheckPolicy`.
"""

from typing import Annotated

from gossamer.model.port_mapping import PortNumber, PortProtocol, VirtualGatewayPortProtocol
from gossamer.model.rule import Between, Characters, Matching
from gossamer.model.spec import Spec

HealthCheckThreshold = Annotated[int, Between(2, 10)]

# Source: Envoy `HealthCheck.HttpHealthCheck.path`: not empty, and no character that ends a header.
HealthCheckPath = Annotated[
    str, Characters(1, 1024), Matching(r"^[^\x00-\x1f\x7f]+$", "may hold no control character")
]


class HealthCheckPolicy(Spec):
    """The checks that every client's Envoy makes of every endpoint."""

    protocol: PortProtocol
    """The protocol of the check; `grpc` needs a listener that speaks http2 or grpc."""
    healthy_threshold: HealthCheckThreshold
    """How many checks in a row must succeed before an endpoint is used again."""
    unhealthy_threshold: HealthCheckThreshold
    """How many checks in a row must fail before an endpoint is left out."""
    interval_millis: Annotated[int, Between(5000, 300000)]
    """The time between checks, in milliseconds."""
    timeout_millis: Annotated[int, Between(2000, 60000)]
    """How long a check may take, in milliseconds."""
    path: HealthCheckPath | None = None
    """The path to ask for; used by http and http2 only."""
    port: PortNumber | None = None
    """The port to check: the listener's, which is filled in when absent."""


class VirtualGatewayHealthCheckPolicy(HealthCheckPolicy):
    """The checks that are made of a virtual gateway's listener."""

    protocol: VirtualGatewayPortProtocol
    """The protocol of the check; `grpc` needs a listener that speaks http2 or grpc."""
