"""`gossamer rollback`: a mesh, or one resource, as it was at a moment, written anew."""

from dataclasses import dataclass
from typing import Annotated

import cyclopts

from gossamer.cli.changes import USUAL, Manner, refused, show_changes
from gossamer.cli.confirm import confirmed
from gossamer.cli.control_plane import NotAnswered
from gossamer.cli.inventory import ANYWHERE, Inventory, Where
from gossamer.cli.server import OWN, told

app = cyclopts.App(name="rollback")


@cyclopts.Parameter(name="*")
@dataclass(frozen=True, kw_only=True, slots=True)
class Back:
    """How far back."""

    to: str
    """The moment: a revision's number, as history shows it, or a time such as 2026-01-31T09:30:00Z."""
    yes: Annotated[bool, cyclopts.Parameter(alias="-y", negative="")] = False
    """Do not ask before a whole mesh is rolled back."""


@app.default
@told
def rollback(
    kind: str | None = None,
    name: str | None = None,
    /,
    *,
    back: Back,
    where: Where = ANYWHERE,
    manner: Manner = USUAL,
) -> int:
    """Write a whole mesh, or one resource, as it was at a moment: all of it, or nothing.

    Parameters
    ----------
    kind
        Only this resource: its kind, as for get, and its name. It may be gone by now.
    name
        Its name.
    """
    inventory = Inventory(where)
    mesh = inventory.mesh()
    body: dict[str, object] = {"to": back.to, **manner.body()}
    if kind is not None:
        body["resource"] = inventory.at_any_time(kind, name)
    elif not (back.yes or manner.dry_run):
        confirmed(f"roll the whole mesh {mesh} back to {back.to}")
    try:
        answer = where.server.post(*OWN, "meshes", mesh, "rollback", body=body)
    except NotAnswered as error:
        return refused("rollback", error)
    show_changes(answer, manner)
    return 0
