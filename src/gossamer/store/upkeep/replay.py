"""The log against what is there: carried out from its beginning, it must lead to the resources."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import Connection, Row, select

from gossamer.store.log import Action
from gossamer.store.schema import PLACE, RESOURCES, REVISIONS
from gossamer.store.upkeep.rows import GRADUALLY

Place = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """What the log says of one resource so far; labels are None where it never said."""

    uid: str
    version: int
    created_at: int
    last_updated_at: int
    owner: str
    spec: str
    tags: str | None


#: What is compared, in the words of the columns.
_COMPARED: Final = ("uid", "version", "created_at", "last_updated_at", "owner", "spec", "tags")


def replayed(connection: Connection) -> Iterator[str]:
    """What does not fit, each in a sentence."""
    standing: dict[Place, Standing] = {}
    statement = select(REVISIONS).order_by(REVISIONS.c.sequence)
    for row in connection.execute(statement, execution_options=GRADUALLY):
        yield from _taken(standing, row)
    for row in connection.execute(select(RESOURCES), execution_options=GRADUALLY):
        yield from _compared(standing.pop(_place(row), None), row)
    for place in standing:
        yield f"{named(place)} is in the log and was not deleted, and is not there"


def named(place: Place) -> str:
    """A resource in words."""
    account, kind, mesh, parent, name = place
    under = f" of {parent}" if parent else ""
    return f"{kind} {name}{under} in mesh {mesh} of account {account}"


def _place(row: Row[*tuple[object, ...]]) -> Place:
    return tuple(str(getattr(row, part)) for part in PLACE)


def _taken(standing: dict[Place, Standing], row: Row[*tuple[object, ...]]) -> Iterator[str]:
    """Carry out one entry."""
    place = _place(row)
    before = standing.get(place)
    entry = f"entry {row.sequence} of the log"
    if row.action not in {action.value for action in Action}:
        yield f"{entry} does {row.action!r}, which no write does"
        return
    if (why := _contradiction(before, row)) is not None:
        yield f"{entry} ({row.action} {named(place)}) {why}"
    if row.action == Action.DELETE.value:
        standing.pop(place, None)
    elif row.action == Action.TAG.value and before is not None:
        standing[place] = replace(before, tags=row.tags)
    else:
        tags = row.tags if row.action != Action.UPDATE.value or before is None else before.tags
        standing[place] = Standing(
            row.uid, row.version, row.created_at, row.at, row.owner, row.after or "", tags
        )


def _contradiction(before: Standing | None, row: Row[*tuple[object, ...]]) -> str | None:
    """Why an entry can't follow on what was before it."""
    if row.action == Action.CREATE.value:
        return None if before is None and row.before is None else "creates what is there already"
    if before is None:
        return "is about something that is not there"
    if before.uid != row.uid:
        return f"is about {row.uid}, and {before.uid} is there"
    if before.spec != row.before:
        return "has another spec before it than the entry before left"
    step = row.version - before.version
    if step != 1 and row.action == Action.UPDATE.value:
        return f"leads from version {before.version} to {row.version}"
    return None


def _compared(said: Standing | None, row: Row[*tuple[object, ...]]) -> Iterator[str]:
    place = _place(row)
    if said is None:
        yield f"{named(place)} is there, and not in the log"
        return
    for what in _COMPARED:
        told = getattr(said, what)
        if told is not None and told != getattr(row, what):
            yield f"{named(place)}: its {what} is not the one that the log leads to"
