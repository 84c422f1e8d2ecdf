"""What a virtual node sends requests to.

Source: App Mesh API 2019-01-25, `Backend`, `BackendDefaults`, `VirtualServiceBackend`.
"""

from gossamer.model.names import ServiceName
from gossamer.model.spec import Spec, Union
from gossamer.model.tls import ClientPolicy


class VirtualServiceBackend(Spec):
    """A virtual service that the node may call."""

    virtual_service_name: ServiceName
    """The service; it need not exist yet."""
    client_policy: ClientPolicy | None = None
    """How to connect to it; replaces the node's default as a whole."""


class Backend(Union):
    """One thing that the node may call."""

    virtual_service: VirtualServiceBackend | None = None
    """A virtual service."""


class BackendDefaults(Spec):
    """What holds for every backend that does not say otherwise."""

    client_policy: ClientPolicy | None = None
    """How to connect."""
