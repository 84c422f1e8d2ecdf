"""Members that no test of traffic shows, each with the reason and what shows it instead."""

from collections.abc import Mapping
from typing import Final

#: The managed service kept it, and no client of a gateway is an Envoy of the mesh that could check it.
_KEPT: Final = (
    "nobody checks a gateway: kept and returned, see "
    "[the samples of every member](../../tests/conformance/test_samples.py)"
)

SHOWN_ELSEWHERE: Final[Mapping[str, str]] = {
    "VirtualGatewayListener.healthCheck": _KEPT,
    "VirtualGatewayHealthCheckPolicy.healthyThreshold": _KEPT,
    "VirtualGatewayHealthCheckPolicy.intervalMillis": _KEPT,
    "VirtualGatewayHealthCheckPolicy.path": _KEPT,
    "VirtualGatewayHealthCheckPolicy.port": _KEPT,
    "VirtualGatewayHealthCheckPolicy.protocol": _KEPT,
    "VirtualGatewayHealthCheckPolicy.timeoutMillis": _KEPT,
    "VirtualGatewayHealthCheckPolicy.unhealthyThreshold": _KEPT,
}
