"""The bodies of requests: what each create and update operation takes beside its path and query.

Source: App Mesh API 2019-01-25, the shapes `Create*Input`, `Update*Input`, `TagResourceInput` and
`UntagResourceInput`, without the members that travel in the path and the query.
"""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from gossamer.model.body import checked_body
from gossamer.model.gateway_route import GatewayRouteSpec
from gossamer.model.mesh import MeshSpec
from gossamer.model.names import ResourceName, ServiceName
from gossamer.model.route import RouteSpec
from gossamer.model.rule import Characters
from gossamer.model.spec import Spec
from gossamer.model.tags import TagKeyList, TagList
from gossamer.model.virtual_gateway import VirtualGatewaySpec
from gossamer.model.virtual_node import VirtualNodeSpec
from gossamer.model.virtual_router import VirtualRouterSpec
from gossamer.model.virtual_service import VirtualServiceSpec

ClientToken = Annotated[str, Characters(1, 64)]


@dataclass(frozen=True, slots=True)
class NullIsEmpty:
    """Reads an explicit null as an object without members."""

    empty: Spec

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        nullable = core_schema.nullable_schema(handler(source))
        return core_schema.no_info_after_validator_function(self._filled, nullable)

    def _filled(self, spec: Spec | None) -> Spec:
        return self.empty if spec is None else spec


# Old clients send no spec, or null, for a mesh; all other kinds must say what they want.
OptionalMeshSpec = Annotated[MeshSpec, NullIsEmpty(MeshSpec())]


class Input(Spec):
    """The body of a request."""

    @classmethod
    def from_json(cls, body: bytes | str) -> Self:
        """Read the body; none at all is an object without members.

        Raises: InvalidSpec with every violation, each with its path in the caller's words.
        """
        return super().from_json(checked_body(body or "{}"))


class UpdateInput(Input):
    """The body of an update."""

    client_token: ClientToken | None = None
    """What makes a repeated request the same request."""
    spec: Spec
    """What the resource shall be from now on, as a whole."""


class CreateInput(UpdateInput):
    """The body of a create."""

    tags: TagList | None = None
    """Labels of the new resource."""

    @property
    @abstractmethod
    def name(self) -> str:
        """What the new resource is called."""


class CreateMeshInput(CreateInput):
    """The body of `CreateMesh`."""

    mesh_name: ResourceName
    """The new mesh."""
    spec: OptionalMeshSpec = MeshSpec()
    """What it is; may be left out."""

    @property
    def name(self) -> str:
        """What it is called."""
        return self.mesh_name


class UpdateMeshInput(UpdateInput):
    """The body of `UpdateMesh`."""

    spec: OptionalMeshSpec = MeshSpec()
    """What the mesh shall be; may be left out."""


class CreateVirtualNodeInput(CreateInput):
    """The body of `CreateVirtualNode`."""

    virtual_node_name: ResourceName
    """The new node."""
    spec: VirtualNodeSpec
    """What it is."""

    @property
    def name(self) -> str:
        """What it is called."""
        return self.virtual_node_name


class UpdateVirtualNodeInput(UpdateInput):
    """The body of `UpdateVirtualNode`."""

    spec: VirtualNodeSpec
    """What the node shall be."""


class CreateVirtualRouterInput(CreateInput):
    """The body of `CreateVirtualRouter`."""

    virtual_router_name: ResourceName
    """The new router."""
    spec: VirtualRouterSpec
    """What it is."""

    @property
    def name(self) -> str:
        """What it is called."""
        return self.virtual_router_name


class UpdateVirtualRouterInput(UpdateInput):
    """The body of `UpdateVirtualRouter`."""

    spec: VirtualRouterSpec
    """What the router shall be."""


class CreateRouteInput(CreateInput):
    """The body of `CreateRoute`."""

    route_name: ResourceName
    """The new route."""
    spec: RouteSpec
    """What it is."""

    @property
    def name(self) -> str:
        """What it is called."""
        return self.route_name


class UpdateRouteInput(UpdateInput):
    """The body of `UpdateRoute`."""

    spec: RouteSpec
    """What the route shall be."""


class CreateVirtualServiceInput(CreateInput):
    """The body of `CreateVirtualService`."""

    virtual_service_name: ServiceName
    """The new service."""
    spec: VirtualServiceSpec
    """What it is."""

    @property
    def name(self) -> str:
        """What it is called."""
        return self.virtual_service_name


class UpdateVirtualServiceInput(UpdateInput):
    """The body of `UpdateVirtualService`."""

    spec: VirtualServiceSpec
    """What the service shall be."""


class CreateVirtualGatewayInput(CreateInput):
    """The body of `CreateVirtualGateway`."""

    virtual_gateway_name: ResourceName
    """The new gateway."""
    spec: VirtualGatewaySpec
    """What it is."""

    @property
    def name(self) -> str:
        """What it is called."""
        return self.virtual_gateway_name


class UpdateVirtualGatewayInput(UpdateInput):
    """The body of `UpdateVirtualGateway`."""

    spec: VirtualGatewaySpec
    """What the gateway shall be."""


class CreateGatewayRouteInput(CreateInput):
    """The body of `CreateGatewayRoute`."""

    gateway_route_name: ResourceName
    """The new gateway route."""
    spec: GatewayRouteSpec
    """What it is."""

    @property
    def name(self) -> str:
        """What it is called."""
        return self.gateway_route_name


class UpdateGatewayRouteInput(UpdateInput):
    """The body of `UpdateGatewayRoute`."""

    spec: GatewayRouteSpec
    """What the gateway route shall be."""


class TagResourceInput(Input):
    """The body of `TagResource`."""

    tags: TagList
    """The labels to add, or to give another value."""


class UntagResourceInput(Input):
    """The body of `UntagResource`."""

    tag_keys: TagKeyList
    """The names of the labels to take away."""
