"""`gossamer rollback`: a mesh, or one resource, as it was at a moment, written anew."""

from dataclasses import dataclass
from typing import Annotated

import cyclopts

from gossamer.cli.changes import USUAL, Manner, refused, show_changes
from gossamer.cli.confirm import agreed
from gossamer.cli.control_plane import NotAnswered
from gossamer.cli.inventory import ANYWHERE, Inventory, Where
from gossamer.cli.server import OWN, told
from gossamer.cli.words import WrongUsage

app = cyclopts.App(name="rollback")


@cyclopts.Parameter(name="*")
@dataclass(frozen=True, kw_only=True, slots=True)
class Back:
    """How far back."""

    to: str
    """The moment: a revision's number, as history shows it, or a time such as 2026-01-31T09:30:00Z."""
    yes: Annotated[bool, cyclopts.Parameter(alias="-y", negative="")] = False
    """Do not ask before a whole mesh is rolled back."""
    if_version: int | None = None
    """Only if the one resource that is named is still of this version, as describe and history tell it."""


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
    if back.if_version is not None:
        if kind is None:
            raise WrongUsage("--if-version is of one resource: name its kind and its name")
        body["expected"] = [{"resource": body["resource"], "version": back.if_version}]
    try:
        if kind is None and not (back.yes or manner.dry_run):
            tried = where.server.post(*OWN, "meshes", mesh, "rollback", body={**body, "dryRun": True})
            body["expected"] = agreed(f"roll mesh {mesh} back to {back.to}, and so write", tried)
        answer = where.server.post(*OWN, "meshes", mesh, "rollback", body=body)
    except NotAnswered as error:
        return refused("rollback", error)
    show_changes(answer, manner)
    return 0
