"""A virtual node: one workload, where it listens, how it is found, and what it calls.

Source: App Mesh API 2019-01-25, `VirtualNodeSpec`; user guide, page on virtual nodes.
"""

from collections.abc import Iterator

from gossamer.model.access_log import Logging
from gossamer.model.backend import Backend, BackendDefaults
from gossamer.model.listener import Listener
from gossamer.model.port_mapping import shared_ports
from gossamer.model.service_discovery import ServiceDiscovery
from gossamer.model.spec import Ruled, Violated


class VirtualNodeSpec(Ruled):
    """What an operator says of a virtual node; all of it may be left out.

    Listeners and service discovery need each other, and no two listeners may have one port.
    """

    listeners: tuple[Listener, ...] | None = None
    """Where the node takes requests; a node without listeners only calls others."""
    service_discovery: ServiceDiscovery | None = None
    """How clients find the node."""
    backends: tuple[Backend, ...] | None = None
    """What the node calls."""
    backend_defaults: BackendDefaults | None = None
    """What holds for every backend that does not say otherwise."""
    logging: Logging | None = None
    """What the node logs."""

    def _broken_rules(self) -> Iterator[Violated]:
        if self.listeners and self.service_discovery is None:
            yield Violated("is required when the node has listeners", "serviceDiscovery")
        if self.service_discovery is not None and not self.listeners:
            why = "Service Discovery can't be set without a listener."
            yield Violated(why, "serviceDiscovery", is_verbatim=True)
        yield from shared_ports(listener.port_mapping for listener in self.listeners or ())
