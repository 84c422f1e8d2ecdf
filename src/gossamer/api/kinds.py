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
    """One kind at the API."""

    kind: Kind
    create: type[CreateInput]
    update: type[UpdateInput]

    @property
    def collection(self) -> str:
        """Its segment in paths and the member of its lists."""
        return self.kind.plural

    @property
    def name_member(self) -> str:
        """The member that names a resource of this kind: `virtualNodeName`."""
        return self.kind.name_member

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
        KindApi(Kind.MESH, CreateMeshInput, UpdateMeshInput),
        KindApi(Kind.VIRTUAL_NODE, CreateVirtualNodeInput, UpdateVirtualNodeInput),
        KindApi(Kind.VIRTUAL_ROUTER, CreateVirtualRouterInput, UpdateVirtualRouterInput),
        KindApi(Kind.ROUTE, CreateRouteInput, UpdateRouteInput),
        KindApi(Kind.VIRTUAL_SERVICE, CreateVirtualServiceInput, UpdateVirtualServiceInput),
        KindApi(Kind.VIRTUAL_GATEWAY, CreateVirtualGatewayInput, UpdateVirtualGatewayInput),
        KindApi(Kind.GATEWAY_ROUTE, CreateGatewayRouteInput, UpdateGatewayRouteInput),
    )
}
