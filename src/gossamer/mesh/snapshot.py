"""All revisions of one mesh, indexed and immutable.

A change makes a new snapshot; what did not change is shared with the old one.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

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


@dataclass(frozen=True, slots=True)
class Mesh:
    """One mesh as it stands.

    `revisions` holds every resource; `routes` the names of the routes of each router and gateway.
    """

    key: MeshKey
    revisions: Mapping[Ref, Revision] = field(default_factory=dict)
    routes: Mapping[tuple[Kind, str], frozenset[str]] = field(default_factory=dict)

    def amended(self, changes: Iterable[tuple[Ref, Revision | None]]) -> "Mesh":
        """The mesh after some changes; None takes a resource away."""
        revisions = dict(self.revisions)
        routes = dict(self.routes)
        for ref, revision in changes:
            if revision is None:
                revisions.pop(ref, None)
            else:
                revisions[ref] = revision
            if ref.parent is not None:
                names = routes.get((ref.kind, ref.parent), frozenset())
                names = names - {ref.name} if revision is None else names | {ref.name}
                if names:
                    routes[ref.kind, ref.parent] = names
                else:
                    routes.pop((ref.kind, ref.parent), None)
        return Mesh(self.key, revisions, routes)

    def ref(self, kind: Kind, name: str, parent: str | None = None) -> Ref:
        """The name of a resource of this mesh, there or not."""
        return Ref(self.key.account, self.key.mesh, kind, name, parent)

    def mesh_spec(self) -> MeshSpec:
        """What is set for the whole mesh; a mesh that is not there sets nothing."""
        return self._spec(self.ref(Kind.MESH, self.key.mesh), MeshSpec) or MeshSpec()

    def virtual_node(self, name: str) -> VirtualNodeSpec | None:
        """A virtual node, if it is there."""
        return self._spec(self.ref(Kind.VIRTUAL_NODE, name), VirtualNodeSpec)

    def virtual_router(self, name: str) -> VirtualRouterSpec | None:
        """A virtual router, if it is there."""
        return self._spec(self.ref(Kind.VIRTUAL_ROUTER, name), VirtualRouterSpec)

    def virtual_service(self, name: str) -> VirtualServiceSpec | None:
        """A virtual service, if it is there."""
        return self._spec(self.ref(Kind.VIRTUAL_SERVICE, name), VirtualServiceSpec)

    def routes_of(self, router: str) -> tuple[tuple[str, RouteSpec], ...]:
        """A router's routes by name, in the order of their names."""
        return tuple(self._under(Kind.ROUTE, router, RouteSpec))

    def virtual_gateway(self, name: str) -> VirtualGatewaySpec | None:
        """A virtual gateway, if it is there."""
        return self._spec(self.ref(Kind.VIRTUAL_GATEWAY, name), VirtualGatewaySpec)

    def gateway_routes_of(self, gateway: str) -> tuple[tuple[str, GatewayRouteSpec], ...]:
        """A gateway's routes by name, in the order of their names."""
        return tuple(self._under(Kind.GATEWAY_ROUTE, gateway, GatewayRouteSpec))

    def names(self, kind: Kind) -> tuple[str, ...]:
        """The names of all resources of a kind, sorted."""
        return tuple(sorted(ref.name for ref in self.revisions if ref.kind is kind))

    def _under(self, kind: Kind, parent: str, shape: type[S]) -> Iterator[tuple[str, S]]:
        for name in sorted(self.routes.get((kind, parent), ())):
            spec = self._spec(self.ref(kind, name, parent), shape)
            if spec is not None:
                yield name, spec

    def _spec(self, ref: Ref, shape: type[S]) -> S | None:
        revision = self.revisions.get(ref)
        return revision.spec if revision is not None and isinstance(revision.spec, shape) else None
