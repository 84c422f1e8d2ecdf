"""Every mesh as it stands in this process, as far as our routes look at them."""

from typing import Protocol

from gossamer.mesh.problem import Problem
from gossamer.mesh.snapshot import Mesh
from gossamer.model.kind import MeshKey


class Meshes(Protocol):
    """Every mesh as it stands in this process."""

    def mesh(self, key: MeshKey) -> Mesh | None:
        """One mesh; None if there is none of that name."""
        ...

    def problems(self, mesh: str, account: str = "") -> tuple[Problem, ...] | None:
        """What cannot work in a mesh; None if there is no such mesh."""
        ...
