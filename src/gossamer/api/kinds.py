"""What differs between the kinds: one row each. Everything else is the same for all of them.

Source: App Mesh API 2019-01-25, the operations of each kind.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gossamer.model.input import (
    CreateGatewayRouteInput,
    CreateInput,
    CreateMeshInput,
    CreateRouteInput,
    CreateVirtualGatewayInput,
    CreateVirtualNodeInput,
    CreateVirtualRouterInput,
    CreateVirtualServiceInput,
    UpdateGatewayRouteInput,
    UpdateInput,
    UpdateMeshInput,
    UpdateRouteInput,
    UpdateVirtualGatewayInput,
    UpdateVirtualNodeInput,
    UpdateVirtualRouterInput,
    UpdateVirtualServiceInput,
)
from gossamer.model.kind import Kind


@dataclass(frozen=True, slots=True)
class KindApi:
    """One kind at the API. `collection` is its segment in paths and the member of its lists."""

    kind: Kind
    collection: str
    create: type[CreateInput]
    update: type[UpdateInput]

    @property
    def name_member(self) -> str:
        """The member that names a resource of this kind: `virtualNodeName`."""
        return f"{self.kind.value}Name"

    @property
    def item_path(self) -> tuple[str | None, ...]:
        """The path of one resource, None for each name; a parent stands in it in the singular."""
        if self.kind is Kind.MESH:
            return ("v20190125", "meshes", None)
        parent = (self.kind.parent.value, None) if self.kind.parent is not None else ()
        return ("v20190125", "meshes", None, *parent, self.collection, None)


KINDS: Final[Mapping[Kind, KindApi]] = {
    one.kind: one
    for one in (
        KindApi(Kind.MESH, "meshes", CreateMeshInput, UpdateMeshInput),
        KindApi(Kind.VIRTUAL_NODE, "virtualNodes", CreateVirtualNodeInput, UpdateVirtualNodeInput),
        KindApi(Kind.VIRTUAL_ROUTER, "virtualRouters", CreateVirtualRouterInput, UpdateVirtualRouterInput),
        KindApi(Kind.ROUTE, "routes", CreateRouteInput, UpdateRouteInput),
        KindApi(
            Kind.VIRTUAL_SERVICE, "virtualServices", CreateVirtualServiceInput, UpdateVirtualServiceInput
        ),
        KindApi(
            Kind.VIRTUAL_GATEWAY, "virtualGateways", CreateVirtualGatewayInput, UpdateVirtualGatewayInput
        ),
        KindApi(Kind.GATEWAY_ROUTE, "gatewayRoutes", CreateGatewayRouteInput, UpdateGatewayRouteInput),
    )
}
