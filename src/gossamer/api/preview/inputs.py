"""The bodies of requests to the preview API, and what each asks for in the words of today.

Source: App Mesh API 2018-10-01, the shapes `Create*Input` and `Update*Input`, without the path.
"""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Final

from gossamer.api.preview import node, route, shape
from gossamer.model import input as current
from gossamer.model.input import ClientToken, Input
from gossamer.model.names import ResourceName
from gossamer.model.spec import Spec
from gossamer.model.virtual_router import VirtualRouterSpec


class Asked(Input):
    """The body of a create or an update."""

    client_token: ClientToken | None = None
    """What makes a repeated request the same request."""

    @abstractmethod
    def current(self) -> current.UpdateInput:
        """The same, as the API of today would be asked, for who judges whether a caller may."""

    @property
    @abstractmethod
    def asked(self) -> Spec | None:
        """The spec in this version's words; a mesh has none."""


class CreateMeshInput(Asked):
    """The body of `CreateMesh`."""

    mesh_name: ResourceName
    """The new mesh."""

    def current(self) -> current.CreateMeshInput:
        """The same of today."""
        return current.CreateMeshInput(mesh_name=self.mesh_name, client_token=self.client_token)

    @property
    def asked(self) -> None:
        """A mesh has no spec."""


class CreateVirtualNodeInput(Asked):
    """The body of `CreateVirtualNode`."""

    virtual_node_name: ResourceName
    """The new node."""
    spec: shape.VirtualNodeSpec
    """What it is."""

    def current(self) -> current.CreateVirtualNodeInput:
        """The same of today."""
        return current.CreateVirtualNodeInput(
            virtual_node_name=self.virtual_node_name,
            spec=node.written(self.spec),
            client_token=self.client_token,
        )

    @property
    def asked(self) -> shape.VirtualNodeSpec:
        """What it is."""
        return self.spec


class UpdateVirtualNodeInput(Asked):
    """The body of `UpdateVirtualNode`."""

    spec: shape.VirtualNodeSpec
    """What the node shall be."""

    def current(self) -> current.UpdateVirtualNodeInput:
        """The same of today."""
        return current.UpdateVirtualNodeInput(spec=node.written(self.spec), client_token=self.client_token)

    @property
    def asked(self) -> shape.VirtualNodeSpec:
        """What it shall be."""
        return self.spec


class CreateVirtualRouterInput(Asked):
    """The body of `CreateVirtualRouter`."""

    virtual_router_name: ResourceName
    """The new router."""
    spec: shape.VirtualRouterSpec
    """What it is."""

    def current(self) -> current.CreateVirtualRouterInput:
        """The same of today, but for the service names, which are resources of their own."""
        return current.CreateVirtualRouterInput(
            virtual_router_name=self.virtual_router_name,
            spec=VirtualRouterSpec(),
            client_token=self.client_token,
        )

    @property
    def asked(self) -> shape.VirtualRouterSpec:
        """What it is."""
        return self.spec


class UpdateVirtualRouterInput(Asked):
    """The body of `UpdateVirtualRouter`."""

    spec: shape.VirtualRouterSpec
    """What the router shall be."""

    def current(self) -> current.UpdateVirtualRouterInput:
        """The same of today, but for the service names, which are resources of their own."""
        return current.UpdateVirtualRouterInput(spec=VirtualRouterSpec(), client_token=self.client_token)

    @property
    def asked(self) -> shape.VirtualRouterSpec:
        """What it shall be."""
        return self.spec


class CreateRouteInput(Asked):
    """The body of `CreateRoute`."""

    route_name: ResourceName
    """The new route."""
    spec: shape.RouteSpec
    """What it is."""

    def current(self) -> current.CreateRouteInput:
        """The same of today."""
        return current.CreateRouteInput(
            route_name=self.route_name, spec=route.written(self.spec), client_token=self.client_token
        )

    @property
    def asked(self) -> shape.RouteSpec:
        """What it is."""
        return self.spec


class UpdateRouteInput(Asked):
    """The body of `UpdateRoute`."""

    spec: shape.RouteSpec
    """What the route shall be."""

    def current(self) -> current.UpdateRouteInput:
        """The same of today."""
        return current.UpdateRouteInput(spec=route.written(self.spec), client_token=self.client_token)

    @property
    def asked(self) -> shape.RouteSpec:
        """What it shall be."""
        return self.spec


#: The body of each operation that takes one.
INPUTS: Final[Mapping[str, type[Asked]]] = {
    "CreateMesh": CreateMeshInput,
    "CreateVirtualNode": CreateVirtualNodeInput,
    "UpdateVirtualNode": UpdateVirtualNodeInput,
    "CreateVirtualRouter": CreateVirtualRouterInput,
    "UpdateVirtualRouter": UpdateVirtualRouterInput,
    "CreateRoute": CreateRouteInput,
    "UpdateRoute": UpdateRouteInput,
}
