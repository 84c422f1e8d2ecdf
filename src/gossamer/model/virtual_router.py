"""A virtual router: where clients dial, and the home of routes.

Source: App Mesh API 2019-01-25, `VirtualRouterSpec`, `VirtualRouterListener`.
"""

from collections.abc import Iterator

from gossamer.model.port_mapping import PortMapping, shared_ports
from gossamer.model.spec import Ruled, Spec, Violated


class VirtualRouterListener(Spec):
    """A port that clients dial."""

    port_mapping: PortMapping
    """The port and its protocol."""


class VirtualRouterSpec(Ruled):
    """What an operator says of a virtual router; no two listeners may have one port."""

    listeners: tuple[VirtualRouterListener, ...] | None = None
    """The ports that clients dial."""

    def _broken_rules(self) -> Iterator[Violated]:
        return shared_ports(listener.port_mapping for listener in self.listeners or ())
