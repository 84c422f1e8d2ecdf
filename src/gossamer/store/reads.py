"""What a read does on one connection."""

from typing import Final

from sqlalchemy import Connection

from gossamer.errors import NotFound
from gossamer.model.kind import Kind, Ref
from gossamer.model.revision import Revision
from gossamer.store import statements
from gossamer.store.rows import change_of, place, revision_of
from gossamer.store.store import Change, Collection, Page

#: How much of a long log is read at once.
CHANGES_AT_ONCE: Final = 1_000

#: Between a mesh's name, which can't hold it, and its owner.
_OWNED_BY: Final = "@"


def read(connection: Connection, ref: Ref) -> Revision:
    """One resource.

    Raises: NotFound.
    """
    row = statements.RESOURCE.row(connection, place(ref))
    if row is None:
        raise missing(connection, ref)
    return revision_of(row)


def missing(connection: Connection, ref: Ref) -> NotFound:
    """The error for a resource that is not there; it names the outermost one that is missing."""
    around = [Ref(ref.account, ref.mesh, Kind.MESH, ref.mesh)]
    if ref.kind.parent is not None:
        around.append(Ref(ref.account, ref.mesh, ref.kind.parent, ref.parent or ""))
    for outer in around:
        if statements.IS_THERE.row(connection, place(outer)) is None:
            return NotFound(outer)
    return NotFound(ref)


def read_page(connection: Connection, collection: Collection, limit: int, after: str) -> Page:
    """Part of a collection.

    Raises: NotFound if the mesh or the parent is not there.
    """
    asked = {
        "account": collection.account,
        "kind": collection.kind.value,
        "mesh": collection.mesh or "",
        "parent": collection.parent or "",
        "after": after,
        # One more than asked for tells whether there is a next page.
        "limit": limit + 1,
    }
    if collection.mesh is None:
        mesh, _, owner = after.partition(_OWNED_BY)
        rows = statements.MESHES.rows(connection, asked | {"after": mesh, "after_owner": owner})
    else:
        _check_around(connection, collection, collection.mesh)
        rows = statements.COLLECTION.rows(connection, asked)
    found = tuple(revision_of(row) for row in rows[:limit])
    return Page(found, _mark(collection, found[-1].ref) if len(rows) > limit else None)


def _mark(collection: Collection, last: Ref) -> str:
    """Where the next page goes on; the name of a mesh alone would not tell it from a shared one."""
    return last.name if collection.mesh is not None else f"{last.mesh}{_OWNED_BY}{last.account}"


def read_all(connection: Connection) -> tuple[int, tuple[Revision, ...]]:
    """Everything, and the last sequence that it includes; the caller's transaction holds both together."""
    sequence = read_last_sequence(connection)
    return sequence, tuple(revision_of(row) for row in connection.execute(statements.ALL_RESOURCES))


def read_last_sequence(connection: Connection) -> int:
    """The end of the log; 0 if nothing was ever written."""
    return statements.LAST_SEQUENCE.number(connection, {})


def read_changes(connection: Connection, after: int) -> tuple[Change, ...]:
    """The next entries of the log."""
    asked = {"sequence_after": after, "limit": CHANGES_AT_ONCE}
    return tuple(change_of(row) for row in statements.CHANGES.rows(connection, asked))


def _check_around(connection: Connection, collection: Collection, mesh: str) -> None:
    kind, parent = collection.kind.parent, collection.parent
    inside = Ref(collection.account, mesh, Kind.MESH, mesh)
    if kind is not None and parent is not None:
        inside = Ref(collection.account, mesh, kind, parent)
    if statements.IS_THERE.row(connection, place(inside)) is None:
        raise missing(connection, inside)
