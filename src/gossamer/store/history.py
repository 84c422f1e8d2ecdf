"""What the log tells of one mesh: every revision, and the mesh as it was at any moment.

A moment is a sequence: the mesh as that entry of the log left it. What a mesh was is told from what it is, by
taking back what came later, so that a moment costs what has changed since.
"""

import datetime
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from sqlalchemy import Connection, Row, Select, func, select
from sqlalchemy.sql.elements import ColumnElement

from gossamer.model.kind import Kind, MeshKey, Ref
from gossamer.model.spec import Spec
from gossamer.store.database import Reading
from gossamer.store.log import Action
from gossamer.store.rows import milliseconds, moment, ref_of, spec_of
from gossamer.store.schema import RESOURCES, REVISIONS
from gossamer.store.store import NO_TAGS

_MINE: Final = (REVISIONS.c.kind, REVISIONS.c.parent, REVISIONS.c.name)


@dataclass(frozen=True, slots=True)
class Past:
    """One entry of the log. A spec is None where the resource was not there; `tags` if it wrote labels."""

    sequence: int
    at: datetime.datetime
    action: Action
    principal: str
    ref: Ref
    uid: str
    version: int
    before: Spec | None
    after: Spec | None
    tags: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class PastPage:
    """Entries, newest first. `next` is the sequence to go on before; None on the last page."""

    entries: tuple[Past, ...]
    next: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PastQuery:
    """Which entries are asked for; None does not care. `before` is the sequence of the last one seen."""

    ref: Ref | None = None
    since: datetime.datetime | None = None
    until: datetime.datetime | None = None
    before: int | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True)
class Then:
    """One resource as it was; `owner` is the account that had created it."""

    spec: Spec
    owner: str
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Moves:
    """What one resource was at two moments; None where it was not there."""

    ref: Ref
    before: Then | None
    after: Then | None


class History:
    """Reads the log of a mesh."""

    def __init__(self, read: Reading) -> None:
        self._read = read

    async def page(self, key: MeshKey, query: PastQuery) -> PastPage:
        """Entries about a mesh and what is in it, newest first."""
        return await self._read(partial(_page, key=key, query=query))

    async def entry(self, key: MeshKey, sequence: int) -> Past | None:
        """One entry, if it is about this mesh."""
        return await self._read(partial(_entry, key=key, sequence=sequence))

    async def last(self, key: MeshKey, until: datetime.datetime | None = None) -> int:
        """The last sequence about a mesh that was written by then; 0 if there is none."""
        return await self._read(partial(last_sequence, key=key, until=until))

    async def moves(self, key: MeshKey, first: int, second: int) -> tuple[Moves, ...]:
        """Every resource whose spec differs between two moments, in the order of their names."""
        return await self._read(partial(_moves, key=key, first=first, second=second))


def last_sequence(connection: Connection, key: MeshKey, until: datetime.datetime | None) -> int:
    """The last entry about a mesh that was written by then; 0 if there is none."""
    asked = select(func.max(REVISIONS.c.sequence)).where(*_of_mesh(key))
    if until is not None:
        asked = asked.where(REVISIONS.c.at <= milliseconds(until))
    return int(connection.execute(asked).scalar_one() or 0)


def mesh_then(connection: Connection, key: MeshKey, sequence: int) -> dict[Ref, Then]:
    """Every resource of a mesh as an entry of the log left it."""
    in_mesh = (RESOURCES.c.account == key.account, RESOURCES.c.mesh == key.mesh)
    found = {
        ref: Then(spec_of(ref.kind, row.spec), row.owner, json.loads(row.tags))
        for row in connection.execute(select(RESOURCES).where(*in_mesh))
        for ref in (ref_of(row),)
    }
    for row in connection.execute(_first_after(key, sequence)):
        found.pop(ref_of(row), None)
        if row.before is not None:
            ref = ref_of(row)
            tags = _tags_then(connection, row, sequence)
            found[ref] = Then(spec_of(ref.kind, row.before), row.owner, tags)
    return found


def _first_after(key: MeshKey, sequence: int) -> Select[tuple[object, ...]]:
    """For each resource that changed after a moment, the first entry that tells of it."""
    firsts = (
        select(func.min(REVISIONS.c.sequence))
        .where(*_of_mesh(key), REVISIONS.c.sequence > sequence)
        .group_by(*_MINE)
    )
    return select(REVISIONS).where(REVISIONS.c.sequence.in_(firsts))


def _tags_then(connection: Connection, row: Row[*tuple[object, ...]], sequence: int) -> Mapping[str, str]:
    """The labels that a resource had, by the last entry that wrote them."""
    asked = (
        select(REVISIONS.c.tags)
        .where(
            REVISIONS.c.account == row.account,
            REVISIONS.c.mesh == row.mesh,
            *(REVISIONS.c[part] == getattr(row, part) for part in ("kind", "parent", "name")),
            REVISIONS.c.uid == row.uid,
            REVISIONS.c.sequence <= sequence,
            REVISIONS.c.tags.is_not(None),
        )
        .order_by(REVISIONS.c.sequence.desc())
        .limit(1)
    )
    text = connection.execute(asked).scalar_one_or_none()
    return NO_TAGS if text is None else json.loads(text)


def _page(connection: Connection, key: MeshKey, query: PastQuery) -> PastPage:
    asked = select(REVISIONS).where(*_of_mesh(key), *_conditions(query))
    # One more than asked for tells whether there is a next page.
    rows = connection.execute(asked.order_by(REVISIONS.c.sequence.desc()).limit(query.limit + 1)).all()
    found = tuple(_past(row) for row in rows[: query.limit])
    return PastPage(found, found[-1].sequence if len(rows) > query.limit else None)


def _conditions(query: PastQuery) -> Iterator[ColumnElement[bool]]:
    if (ref := query.ref) is not None:
        yield REVISIONS.c.kind == ref.kind.value
        yield REVISIONS.c.parent == (ref.parent or "")
        yield REVISIONS.c.name == ref.name
    if query.since is not None:
        yield REVISIONS.c.at >= milliseconds(query.since)
    if query.until is not None:
        yield REVISIONS.c.at < milliseconds(query.until)
    if query.before is not None:
        yield REVISIONS.c.sequence < query.before


def _entry(connection: Connection, key: MeshKey, sequence: int) -> Past | None:
    asked = select(REVISIONS).where(*_of_mesh(key), REVISIONS.c.sequence == sequence)
    row = connection.execute(asked).one_or_none()
    return None if row is None else _past(row)


def _moves(connection: Connection, key: MeshKey, first: int, second: int) -> tuple[Moves, ...]:
    before, after = mesh_then(connection, key, first), mesh_then(connection, key, second)
    refs = sorted({*before, *after}, key=str)
    pairs = (Moves(ref, before.get(ref), after.get(ref)) for ref in refs)
    return tuple(pair for pair in pairs if _spec(pair.before) != _spec(pair.after))


def _spec(then: Then | None) -> Spec | None:
    return None if then is None else then.spec


def _of_mesh(key: MeshKey) -> tuple[ColumnElement[bool], ...]:
    return (REVISIONS.c.account == key.account, REVISIONS.c.mesh == key.mesh)


def _past(row: Row[*tuple[object, ...]]) -> Past:
    ref = ref_of(row)
    return Past(
        sequence=row.sequence,
        at=moment(row.at),
        action=Action(row.action),
        principal=row.principal,
        ref=ref,
        uid=row.uid,
        version=row.version,
        before=_read(ref.kind, row.before),
        after=_read(ref.kind, row.after),
        tags=None if row.tags is None else json.loads(row.tags),
    )


def _read(kind: Kind, text: str | None) -> Spec | None:
    return None if text is None else spec_of(kind, text)
