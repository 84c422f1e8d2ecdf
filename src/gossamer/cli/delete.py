"""`gossamer delete`: takes resources away, as one change: all of them or none."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

import cyclopts

from gossamer.cli.changes import USUAL, Manner, refused, show_changes
from gossamer.cli.confirm import confirmed
from gossamer.cli.control_plane import NotAnswered
from gossamer.cli.files import Source, sources
from gossamer.cli.inventory import ANYWHERE, Inventory, Item, Where
from gossamer.cli.server import OWN, Answer, told
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
    if_version: int | None = None
    """Only if the one resource that is named is still of this version, as describe and history tell it."""


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
    filed = [_Filed.of(one) for one in (sources(gone.file) if gone.file else ())]
    going = [*_named(inventory, kind, names, cascade=gone.cascade), *(one.resource for one in filed)]
    if not going:
        raise WrongUsage("name a kind and what of it is to go, or a file")
    body: dict[str, object] = {"delete": going, **manner.body()}
    try:
        if gone.if_version is not None:
            body["expected"] = [{"resource": _only(going), "version": gone.if_version}]
        elif _asks(kind, gone, manner) or any(one.basis for one in filed):
            tried = where.server.post(*OWN, "apply", body={"delete": going, "dryRun": True})
            if _asks(kind, gone, manner):
                confirmed(f"take away {', '.join(names)} and all that is in it, {len(going)} resources")
            body["expected"] = _expected(tried, filed)
        answer = where.server.post(*OWN, "apply", body=body)
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


def _asks(kind: str | None, gone: Gone, manner: Manner) -> bool:
    """Whether somebody is asked first."""
    is_mesh = kind is not None and kind_of(kind) is Kind.MESH
    return gone.cascade and is_mesh and not (gone.yes or manner.dry_run)


def _only(going: Sequence[str]) -> str:
    """The one resource that a version is of.

    Raises: WrongUsage.
    """
    if len(going) > 1:
        raise WrongUsage(f"--if-version is of one resource, not of {len(going)}")
    return going[0]


@dataclass(frozen=True, slots=True)
class _Filed:
    """A resource that a document names, and the revision that it was described of, if it says so."""

    resource: str
    basis: Mapping[str, object]

    @classmethod
    def of(cls, source: Source) -> "_Filed":
        """What a document names.

        Raises: WrongUsage.
        """
        found = source.document if isinstance(source.document, dict) else {}
        if len(found) == 1 and isinstance(inner := next(iter(found.values())), dict):
            found = {"kind": next(iter(found)), **inner}
        known = found.get("metadata")
        known = known if isinstance(known, dict) and {"uid", "version"} <= known.keys() else {}
        return cls(_resource(source, found), {name: known[name] for name in ("uid", "version") if known})


def _expected(tried: Answer, filed: Sequence[_Filed]) -> list[Answer]:
    """What was found a moment ago; of the resource that a document was described of, that very version."""
    described = {one.resource: one.basis for one in filed if one.basis}
    return [_held(one["expected"], described) for one in tried["changes"]]


def _held(found: Answer, described: Mapping[str, Mapping[str, object]]) -> Answer:
    basis = described.get(found["resource"], {})
    return {**found, **basis} if basis.get("uid") == found.get("uid") else found


def _resource(source: Source, found: Mapping[str, Any]) -> str:
    """The resource that a document names.

    Raises: WrongUsage.
    """
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
