"""A virtual service: the name that clients call, and who answers.

Source: App Mesh API 2019-01-25, `VirtualServiceSpec` and the shapes below it.
"""

from gossamer.model.names import ResourceName
from gossamer.model.spec import Spec, Union


class VirtualNodeServiceProvider(Spec):
    """A virtual node that answers for the service."""

    virtual_node_name: ResourceName
    """The node, in the same mesh."""


class VirtualRouterServiceProvider(Spec):
    """A virtual router that spreads the service's requests."""

    virtual_router_name: ResourceName
    """The router, in the same mesh."""


class VirtualServiceProvider(Union):
    """Who answers for a service."""

    virtual_node: VirtualNodeServiceProvider | None = None
    """A node, directly."""
    virtual_router: VirtualRouterServiceProvider | None = None
    """A router, by its routes."""


class VirtualServiceSpec(Spec):
    """What an operator says of a virtual service."""

    provider: VirtualServiceProvider | None = None
    """Who answers; without it the service exists and leads nowhere."""
