"""`gossamer delete`: takes resources away, as one change: all of them or none."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

import cyclopts

from gossamer.cli.changes import USUAL, Manner, refused, show_changes
from gossamer.cli.confirm import confirmed
from gossamer.cli.control_plane import NotAnswered
from gossamer.cli.files import Source, sources
from gossamer.cli.inventory import ANYWHERE, Inventory, Item, Where
from gossamer.cli.server import OWN, told
from gossamer.cli.words import WrongUsage, kind_of, resource_name
from gossamer.model.kind import Kind

app = cyclopts.App(name="delete")


@cyclopts.Parameter(name="*")
@dataclass(frozen=True, kw_only=True, slots=True)
class Gone:
    """What goes, and how."""

    file: Annotated[
        tuple[str, ...], cyclopts.Parameter(alias="-f", negative="", allow_leading_hyphen=True)
    ] = ()
    """Take away what the documents of this file name; may be given several times."""
    cascade: Annotated[bool, cyclopts.Parameter(negative="")] = False
    """With a mesh, a router or a gateway, also what lives in it."""
    yes: Annotated[bool, cyclopts.Parameter(alias="-y", negative="")] = False
    """Do not ask before a mesh is taken away with all that is in it."""


ONLY = Gone()


@app.default
@told
def delete(
    kind: str | None = None,
    /,
    *names: str,
    gone: Gone = ONLY,
    where: Where = ANYWHERE,
    manner: Manner = USUAL,
) -> int:
    """Take resources away: all of them, or none.

    Parameters
    ----------
    kind
        The kind, as for get.
    names
        The resources of that kind.
    """
    inventory = Inventory(where)
    filed = sources(gone.file) if gone.file else ()
    going = [*_named(inventory, kind, names, cascade=gone.cascade), *map(_resource, filed)]
    if not going:
        raise WrongUsage("name a kind and what of it is to go, or a file")
    is_mesh = kind is not None and kind_of(kind) is Kind.MESH
    if gone.cascade and is_mesh and not (gone.yes or manner.dry_run):
        confirmed(f"take away {', '.join(names)} and all that is in it, {len(going)} resources")
    try:
        answer = where.server.post(*OWN, "apply", body={"delete": going, **manner.body()})
    except NotAnswered as error:
        return refused("delete", error)
    show_changes(answer, manner)
    return 0


def _named(inventory: Inventory, kind: str | None, names: Sequence[str], *, cascade: bool) -> Iterator[str]:
    for name in names:
        item = inventory.named(kind_of(kind or ""), name)
        going = [*(_inside(inventory, item) if cascade else ()), item]
        if inventory.where.mesh_owner is None:
            yield from (one.resource for one in going)
        else:
            # Only an ARN says that the mesh is another account's.
            yield from (one["metadata"]["arn"] for one in inventory.described(going))


def _inside(inventory: Inventory, item: Item) -> Iterator[Item]:
    """What lives in a resource."""
    if item.kind is Kind.MESH:
        yield from Inventory(replace(inventory.where, mesh=item.name)).everything()[1:]
        return
    for kind in (one for one in Kind if one.parent is item.kind):
        inside = replace(inventory.where, mesh=item.mesh, router=item.name, gateway=item.name)
        yield from Inventory(inside).listed(kind)


def _resource(source: Source) -> str:
    """The resource that a document names.

    Raises: WrongUsage.
    """
    found = source.document if isinstance(source.document, dict) else {}
    if len(found) == 1 and isinstance(inner := next(iter(found.values())), dict):
        found = {"kind": next(iter(found)), **inner}
    kind = kind_of(str(found["kind"])) if "kind" in found else _told_kind(found)
    parent = None if kind.parent is None else found.get(kind.parent.name_member)
    needed = [found.get("meshName"), found.get(kind.name_member), *([parent] if kind.parent else [])]
    if not all(isinstance(one, str) and one for one in needed):
        raise WrongUsage(f"{source.place('')}: it does not name a {kind.value}")
    return resource_name(kind, str(found["meshName"]), str(found[kind.name_member]), parent)


def _told_kind(members: Mapping[str, object]) -> Kind:
    """The kind that the names of a resource tell: a route names its router too, and everything its mesh."""
    named = [kind for kind in Kind if kind.name_member in members and kind is not Kind.MESH]
    around = {kind.parent for kind in named}
    return next((kind for kind in named if kind not in around), Kind.MESH)
