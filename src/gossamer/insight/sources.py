"""What the routes look at: the meshes as they stand, the streams, the store."""

from dataclasses import dataclass
from typing import Protocol

from gossamer.mesh.problem import Problem
from gossamer.mesh.snapshot import Mesh
from gossamer.model.kind import MeshKey
from gossamer.store.store import Store
from gossamer.xds.hub import Hub


class Meshes(Protocol):
    """Every mesh as it stands in this process."""

    def mesh(self, key: MeshKey) -> Mesh | None:
        """One mesh; None if there is none of that name."""
        ...

    def problems(self, mesh: str, account: str = "") -> tuple[Problem, ...] | None:
        """What cannot work in a mesh; None if there is no such mesh."""
        ...


@dataclass(frozen=True, slots=True)
class Sources:
    """What the process hands over. `account` is the control plane's own, whose callers see everything."""

    meshes: Meshes
    hub: Hub
    store: Store
    account: str
    region: str
