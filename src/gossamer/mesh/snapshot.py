"""All revisions of one mesh, indexed and immutable.

A change makes a new snapshot; what did not change is shared with the old one.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

from gossamer.mesh.shelf import Shelf, amended
from gossamer.model.gateway_route import GatewayRouteSpec
from gossamer.model.kind import Kind, MeshKey, Ref
from gossamer.model.mesh import MeshSpec
from gossamer.model.revision import Revision
from gossamer.model.route import RouteSpec
from gossamer.model.spec import Spec
from gossamer.model.virtual_gateway import VirtualGatewaySpec
from gossamer.model.virtual_node import VirtualNodeSpec
from gossamer.model.virtual_router import VirtualRouterSpec
from gossamer.model.virtual_service import VirtualServiceSpec

S = TypeVar("S", bound=Spec)

#: Where a resource stands: all of its kind together, routes under their router or gateway.
Place = tuple[Kind, str | None]

#: What is set for a mesh that is not there.
NO_SETTINGS: Final = MeshSpec()


@dataclass(frozen=True, slots=True)
class Mesh:
    """One mesh as it stands: shelves of resources by name. A change makes those anew that it touches."""

    key: MeshKey
    shelves: Mapping[Place, Shelf] = field(default_factory=dict)

    def amended(self, changes: Iterable[tuple[Ref, Revision | None]]) -> "Mesh":
        """The mesh after some changes; None takes a resource away."""
        touched: dict[Place, dict[str, Revision | None]] = {}
        for ref, revision in changes:
            touched.setdefault((ref.kind, ref.parent), {})[ref.name] = revision
        shelves = dict(self.shelves)
        for place, changed in touched.items():
            shelves[place] = amended(shelves.get(place, {}), changed)
            if not shelves[place]:
                del shelves[place]
        return Mesh(self.key, shelves)

    def ref(self, kind: Kind, name: str, parent: str | None = None) -> Ref:
        """The name of a resource of this mesh, there or not."""
        return Ref(self.key.account, self.key.mesh, kind, name, parent)

    def mesh_spec(self) -> MeshSpec:
        """What is set for the whole mesh; a mesh that is not there sets nothing."""
        return self._spec(Kind.MESH, self.key.mesh, MeshSpec) or NO_SETTINGS

    def virtual_node(self, name: str) -> VirtualNodeSpec | None:
        """A virtual node, if it is there."""
        return self._spec(Kind.VIRTUAL_NODE, name, VirtualNodeSpec)

    def virtual_router(self, name: str) -> VirtualRouterSpec | None:
        """A virtual router, if it is there."""
        return self._spec(Kind.VIRTUAL_ROUTER, name, VirtualRouterSpec)

    def virtual_service(self, name: str) -> VirtualServiceSpec | None:
        """A virtual service, if it is there."""
        return self._spec(Kind.VIRTUAL_SERVICE, name, VirtualServiceSpec)

    def routes_of(self, router: str) -> tuple[tuple[str, RouteSpec], ...]:
        """A router's routes by name, in the order of their names."""
        return tuple(self._under(Kind.ROUTE, router, RouteSpec))

    def virtual_gateway(self, name: str) -> VirtualGatewaySpec | None:
        """A virtual gateway, if it is there."""
        return self._spec(Kind.VIRTUAL_GATEWAY, name, VirtualGatewaySpec)

    def gateway_routes_of(self, gateway: str) -> tuple[tuple[str, GatewayRouteSpec], ...]:
        """A gateway's routes by name, in the order of their names."""
        return tuple(self._under(Kind.GATEWAY_ROUTE, gateway, GatewayRouteSpec))

    def names(self, kind: Kind) -> tuple[str, ...]:
        """The names of all resources of a kind, sorted."""
        shelves = (shelf for (found, _), shelf in self.shelves.items() if found is kind)
        return tuple(sorted(name for shelf in shelves for name in shelf))

    def _under(self, kind: Kind, parent: str, shape: type[S]) -> Iterator[tuple[str, S]]:
        for name, revision in sorted(self.shelves.get((kind, parent), {}).items()):
            if isinstance(revision.spec, shape):
                yield name, revision.spec

    def _spec(self, kind: Kind, name: str, shape: type[S]) -> S | None:
        revision = self.shelves.get((kind, None), {}).get(name)
        return revision.spec if revision is not None and isinstance(revision.spec, shape) else None


def revisions(mesh: Mesh) -> dict[Ref, Revision]:
    """Every resource of a mesh, listed for whoever asks for all of them."""
    return {one.ref: one for shelf in mesh.shelves.values() for one in shelf.values()}
