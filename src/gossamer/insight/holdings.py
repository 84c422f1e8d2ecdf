"""What is known of certificates: those that proxies are handed, who may name them, and the server's own."""

from dataclasses import dataclass

from gossamer.mesh.snapshot import Mesh
from gossamer.mesh.surroundings import NOWHERE, Surroundings


@dataclass(frozen=True, slots=True)
class Holdings:
    """At one moment. `files` are the certificates of the server's own ports: each one's path, and its PEM."""

    surroundings: Surroundings = NOWHERE
    meshes: tuple[Mesh, ...] = ()
    files: tuple[tuple[str, str], ...] = ()
