"""A backup into a database, of its own version or an earlier one; all of it or nothing."""

from pathlib import Path

from sqlalchemy import Connection, Table

from gossamer.errors import MeshError, Unavailable
from gossamer.store.engine import fill_states
from gossamer.store.migration import upgrade
from gossamer.store.schema import SCHEMA_VERSION
from gossamer.store.upkeep.archive import BadArchive, Header, Source, opened
from gossamer.store.upkeep.backup import noting
from gossamer.store.upkeep.check import problems
from gossamer.store.upkeep.rows import Progress, clear, fill, is_unused, make, take_time
from gossamer.store.versions import version_of


class NotEmpty(MeshError):
    """A database holds something, and nobody said that it may go."""

    def __str__(self) -> str:
        """What would allow it."""
        return "the database is not empty, and all that is in it would be lost (--replace says that it may)"


class Unsound(MeshError):
    """What came out of a file is not right in itself; the first of `problems` say why."""

    def __str__(self) -> str:
        """The first of them."""
        found = self.args[0]
        more = f", and {len(found) - 1} more" if len(found) > 1 else ""
        return (
            f"nothing was changed, for what would be there is unsound (--accept-problems): {found[0]}{more}"
        )


def restore(connection: Connection, path: Path, tell: Progress, *, accept_problems: bool = False) -> Header:
    """Fill a database that is ready for it from a file, and bring it to our version.

    Raises: BadArchive, Unavailable for a later version, Unsound, OSError.
    """
    take_time(connection)
    with opened(path) as source:
        header = source.header
        if header.version > SCHEMA_VERSION:
            raise Unavailable(
                f"{path} has version {header.version}, and this Gossamer only knows {SCHEMA_VERSION}: "
                f"take Gossamer {header.by} or later"
            )
        _fill(connection, source, make(connection, header.version, header.rows), tell)
    if header.version < SCHEMA_VERSION:
        upgrade(connection, version_of(connection))
    fill_states(connection)
    if not accept_problems and (found := list(problems(connection, None))):
        raise Unsound(found)
    return header


def make_ready(connection: Connection, *, replace: bool) -> None:
    """See to it that a database has none of our tables.

    Raises: NotEmpty.
    """
    if version_of(connection) is None:
        return
    if not replace and not is_unused(connection):
        raise NotEmpty
    clear(connection)


def _fill(connection: Connection, source: Source, ours: dict[str, Table], tell: Progress) -> None:
    for name, columns, rows in source.tables():
        table = ours.get(name)
        if table is None or {column.name for column in table.columns} != set(columns):
            raise BadArchive(f"table {name} of the backup is not what version {source.header.version} has")
        order = [columns.index(column.name) for column in table.columns]
        placed = ([row[index] for index in order] for row in rows)
        fill(connection, table, placed, noting(tell, name, source.header.rows[name]))
