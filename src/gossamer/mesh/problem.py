"""One thing that an operator wrote and that cannot work, and the words for a name that is not there."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from gossamer.mesh.snapshot import Mesh
from gossamer.model.kind import Kind, Ref


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that cannot work: whose spec says it, and why it will not do what it says."""

    ref: Ref
    why: str


def missing(mesh: Mesh, kind: Kind, name: str) -> str:
    """That a resource is not there, and which one may have been meant."""
    names = mesh.names(kind)
    # A name without its domain is the likeliest slip: the seed itself makes it. Then another case.
    near = [one for one in names if name.startswith(f"{one}.") or one.startswith(f"{name}.")]
    near = near or [one for one in names if one.lower() == name.lower()]
    near = near or difflib.get_close_matches(name, names, n=1)
    hint = f": did you mean {near[0]}?" if near else ""
    return f"{name} does not exist{hint}"


def listed(things: Iterable[object]) -> str:
    """Names or numbers in a sentence; `none` where there are none."""
    return ", ".join(map(str, things)) or "none"
