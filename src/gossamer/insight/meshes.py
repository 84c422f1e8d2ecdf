"""Every mesh as it stands in this process, as far as our routes look at them."""

from typing import Protocol

from gossamer.compile.wish import Wishes
from gossamer.mesh.findings import Findings
from gossamer.mesh.problem import Problem
from gossamer.mesh.snapshot import Mesh
from gossamer.mesh.surroundings import Surroundings
from gossamer.mesh.view import ProxyView
from gossamer.model.kind import MeshKey, Ref
from gossamer.xds.protocol import Published


class Meshes(Protocol):
    """Every mesh as it stands in this process; `surroundings` is what is known outside of them."""

    surroundings: Surroundings

    def mesh(self, key: MeshKey) -> Mesh | None:
        """One mesh; None if there is none of that name."""
        ...

    def problems(self, mesh: str, account: str = "") -> tuple[Problem, ...] | None:
        """What cannot work in a mesh; None if there is no such mesh."""
        ...


class Outlook(Protocol):
    """What is compiled from a mesh, whether it is there or not, as everything around it stands."""

    def problems(self, mesh: Mesh) -> tuple[Problem, ...]:
        """What in a mesh cannot work."""
        ...

    def view(self, mesh: Mesh, ref: Ref, findings: Findings) -> ProxyView | None:
        """What an endpoint's proxies are compiled from; None for an endpoint that is not there."""
        ...

    def published(self, ref: Ref, wishes: Wishes, view: ProxyView, before: Published | None) -> Published:
        """What an endpoint's proxies get by a view."""
        ...


class Prospects(Protocol):
    """What proxies would get of meshes that are not there."""

    def served(self, key: MeshKey) -> tuple[tuple[Ref, Wishes], ...]:
        """The endpoints of a mesh that have proxies, with what those wish."""
        ...

    def outlook(self) -> Outlook:
        """What compiles as for the proxies from now on, on any thread."""
        ...
