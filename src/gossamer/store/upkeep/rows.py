"""The rows of every table, whatever its version, as values that JSON has too."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from types import MappingProxyType
from typing import Final

from sqlalchemy import Connection, MetaData, Table, func, insert, inspect, select

from gossamer.store import postgresql
from gossamer.store.engine import make_tables
from gossamer.store.migration import upgrade
from gossamer.store.schema import METADATA, SCHEMA_VERSION
from gossamer.store.versions import VERSIONS

Row = Sequence[object]

#: Hears of long work: what is being done, how much of it is done, how much there is.
Progress = Callable[[str, int, int], None]

AT_ONCE: Final = 1_000

#: For statements whose rows are not all held in memory.
GRADUALLY: Final[Mapping[str, int]] = MappingProxyType({"yield_per": AT_ONCE})

#: What is there in a database that nobody has used yet.
_OF_THE_DATABASE: Final = frozenset({"store", "access_state", "credential_state"})


def take_time(connection: Connection) -> None:
    """Let statements of this transaction take as long as they do."""
    if connection.dialect.name == postgresql.NAME:
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")


def tables(connection: Connection) -> tuple[Table, ...]:
    """Our tables as this database has them, each behind those that it refers to."""
    found = MetaData()
    found.reflect(connection, only=lambda name, _: name in METADATA.tables)
    return tuple(found.sorted_tables)


def count(connection: Connection, table: Table) -> int:
    """How many rows a table has."""
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def rows_of(connection: Connection, table: Table) -> Iterator[Row]:
    """The rows of a table in the order of its key, a few at a time."""
    ordered = select(table).order_by(*table.primary_key.columns)
    with connection.execute(ordered, execution_options=GRADUALLY) as found:
        for row in found:
            yield tuple(row)


def fill(connection: Connection, table: Table, rows: Iterable[Row], note: Callable[[int], None]) -> None:
    """Put rows into a table; `note` hears how many are in."""
    names, done, left = [column.name for column in table.columns], 0, iter(rows)
    while batch := list(islice(left, AT_ONCE)):
        connection.execute(insert(table), [dict(zip(names, row, strict=True)) for row in batch])
        done += len(batch)
        note(done)
    if connection.dialect.name == postgresql.NAME and "sequence" in names and done:
        # What counts rows does not see those that come with a number.
        counter = func.pg_get_serial_sequence(table.name, "sequence")
        connection.execute(select(func.setval(counter, func.max(table.c.sequence))))


def is_unused(connection: Connection) -> bool:
    """Whether a database has nothing in it that anybody wrote."""
    return all(table.name in _OF_THE_DATABASE or not count(connection, table) for table in tables(connection))


def clear(connection: Connection) -> None:
    """Take all our tables away."""
    for table in reversed(tables(connection)):
        table.drop(connection)
    if inspect(connection).has_table(VERSIONS.name):
        VERSIONS.drop(connection)


def make(connection: Connection, version: int, names: Collection[str]) -> dict[str, Table]:
    """The tables of a version by name, with no row in them.

    `names` are those that must be among them: version 3 made some of version 4 itself.
    """
    if version == SCHEMA_VERSION:
        make_tables(connection)
    else:
        upgrade(connection, None, version)
    found = {table.name: table for table in tables(connection)}
    if found.keys() >= set(names) or version == SCHEMA_VERSION:
        return found
    upgrade(connection, None, version + 1)
    return {table.name: table for table in tables(connection)}
