"""What a database is, and how much is in it."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from gossamer.store import postgresql
from gossamer.store.reads import read_last_sequence
from gossamer.store.rows import moment
from gossamer.store.schema import RESOURCES, SCHEMA_VERSION, STORE
from gossamer.store.upkeep.rows import count, tables, take_time
from gossamer.store.versions import Version, version_of


@dataclass(frozen=True, slots=True)
class Info:
    """One database. `bytes` is what it takes on disk; `sequence` the end of its log."""

    engine: str
    version: Version
    created_at: str
    bytes: int
    sequence: int
    resources: Mapping[str, int]
    rows: Mapping[str, int]

    def document(self) -> dict[str, object]:
        """As it is shown."""
        return {
            "engine": self.engine,
            "version": self.version.found,
            "open to version": self.version.opens_to,
            "this Gossamer's version": SCHEMA_VERSION,
            "created at": self.created_at,
            "bytes": self.bytes,
            "end of the log": self.sequence,
            "resources": dict(self.resources),
            "rows": dict(self.rows),
        }


def info(connection: Connection) -> Info | None:
    """What a database is; None if it is empty."""
    take_time(connection)
    version = version_of(connection)
    if version is None:
        return None
    by_kind = (
        select(RESOURCES.c.kind, func.count().label("number"))
        .group_by(RESOURCES.c.kind)
        .order_by(RESOURCES.c.kind)
    )
    return Info(
        engine=connection.dialect.name,
        version=version,
        created_at=moment(connection.execute(select(STORE.c.created_at)).scalar_one()).isoformat(
            timespec="seconds"
        ),
        bytes=_bytes(connection),
        sequence=read_last_sequence(connection),
        resources={row.kind: row.number for row in connection.execute(by_kind)},
        rows={table.name: count(connection, table) for table in tables(connection)},
    )


def _bytes(connection: Connection) -> int:
    if connection.dialect.name == postgresql.NAME:
        return int(connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one())
    pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    return int(pages) * int(connection.exec_driver_sql("PRAGMA page_size").scalar_one())
