"""A database into a file, while servers go on writing: one transaction sees one state of it.

Source: SQLite documentation, isolation in WAL mode; PostgreSQL documentation, REPEATABLE READ.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from gossamer.errors import Unavailable
from gossamer.store.reads import read_last_sequence
from gossamer.store.schema import SCHEMA_VERSION
from gossamer.store.upkeep.archive import Header, written
from gossamer.store.upkeep.rows import AT_ONCE, Progress, count, rows_of, tables, take_time
from gossamer.store.versions import Version, version_of


@dataclass(frozen=True, slots=True)
class Taken:
    """What a backup says besides what is in the database."""

    at: datetime.datetime
    by: str
    secrets_key: str | None


def backup(connection: Connection, path: Path, taken: Taken, tell: Progress, *, overwrite: bool) -> Header:
    """Write everything into a file.

    Raises: Unavailable for an empty database or one of a later version, OSError.
    """
    take_time(connection)
    version = known_version(connection)
    every = tables(connection)
    header = Header(
        version=version.found,
        opens_to=version.opens_to,
        at=taken.at.isoformat(timespec="seconds"),
        by=taken.by,
        engine=connection.dialect.name,
        sequence=read_last_sequence(connection),
        secrets_key=taken.secrets_key,
        rows={table.name: count(connection, table) for table in every},
    )
    with written(path, header, overwrite=overwrite) as sink:
        for table in every:
            sink.table(table.name, [column.name for column in table.columns])
            note = noting(tell, table.name, header.rows[table.name])
            for number, row in enumerate(rows_of(connection, table), 1):
                sink.row(row)
                if number % AT_ONCE == 0:
                    note(number)
            note(header.rows[table.name])
    return header


def noting(tell: Progress, what: str, total: int) -> Callable[[int], None]:
    """Tells how much of one table is done."""
    return lambda done: tell(what, done, total)


def known_version(connection: Connection) -> Version:
    """The version of a database whose every table we know.

    Raises: Unavailable.
    """
    found = version_of(connection)
    if found is None:
        raise Unavailable("the database is empty: nothing was ever kept in it")
    if found.found > SCHEMA_VERSION:
        raise Unavailable(
            f"the database has version {found.found}, and this Gossamer only knows {SCHEMA_VERSION}: "
            "take the Gossamer that made it"
        )
    return found
