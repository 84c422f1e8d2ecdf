"""A port and the protocol that is spoken on it.

Source: App Mesh API 2019-01-25, `PortMapping`, `PortNumber`, `PortProtocol`, and their twins of virtual
gateways.
"""

import enum
from collections.abc import Iterable, Iterator
from typing import Annotated, Final

from gossamer.model.rule import Between, Only
from gossamer.model.spec import Spec, Violated

PortNumber = Annotated[int, Between(1, 65535)]


class PortProtocol(enum.Enum):
    """What is spoken on a port; TLS is a matter of the listener, so there is no https."""

    HTTP = "http"
    HTTP2 = "http2"
    GRPC = "grpc"
    TCP = "tcp"


class PortMapping(Spec):
    """Where a listener listens, and what it hears there."""

    port: PortNumber
    """The port."""
    protocol: PortProtocol
    """The protocol spoken on the port."""


#: A virtual gateway passes no TCP on. Source: App Mesh API, `VirtualGatewayPortProtocol`; roadmap issue 233.
_OF_GATEWAYS: Final = (PortProtocol.HTTP, PortProtocol.HTTP2, PortProtocol.GRPC)
VirtualGatewayPortProtocol = Annotated[PortProtocol, Only(_OF_GATEWAYS)]


class VirtualGatewayPortMapping(PortMapping):
    """Where a listener of a virtual gateway listens, and what it hears there."""

    protocol: VirtualGatewayPortProtocol
    """The protocol spoken on the port."""


def shared_ports(mappings: Iterable[PortMapping]) -> Iterator[Violated]:
    """Each listener whose port an earlier one has.

    Source: Envoy listener `filter_chains`: two chains may not match the same destination port.
    """
    seen: set[int] = set()
    for index, mapping in enumerate(mappings):
        if mapping.port in seen:
            yield Violated(
                "must differ from the ports of other listeners", f"listeners[{index}].portMapping.port"
            )
        seen.add(mapping.port)
