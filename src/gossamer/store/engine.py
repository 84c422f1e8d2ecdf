"""Opening a database. All that is particular to SQLite stands here.

Source: SQLite documentation, write-ahead logging, PRAGMA synchronous; SQLAlchemy documentation, pysqlite
transactions.
"""

import secrets
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from gossamer.errors import Unavailable
from gossamer.store import statements
from gossamer.store.schema import METADATA, SCHEMA_VERSION, STORE, UPGRADES

READERS: Final = 4

#: Another process may hold the file for a moment, a backup for instance.
_BUSY_TIMEOUT_MS: Final = 5_000

#: 64 MB of log.
_BEHIND_PAGES: Final = 16_000

_PRAGMAS: Final = (
    # Readers go on while a write is under way.
    "PRAGMA journal_mode = WAL",
    # In this mode NORMAL may lose what was answered when the power goes.
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}",
    # Checkpoints run beside the writer; it does one itself only if they fall far behind.
    f"PRAGMA wal_autocheckpoint = {_BEHIND_PAGES}",
)


@dataclass(frozen=True, slots=True)
class Engines:
    """One connection that writes, several that read."""

    writer: Engine
    reader: Engine

    def dispose(self) -> None:
        """Close every connection."""
        self.reader.dispose()
        self.writer.dispose()


def sqlite_url(path: Path) -> URL:
    """The URL of a database in a file."""
    return URL.create("sqlite", database=str(path))


def open_engines(url: URL) -> Engines:
    """Connections to a database, nothing opened yet."""
    engines = Engines(writer=_engine(url, 1), reader=_engine(url, READERS))
    # A write lock from the start: a transaction that begins by reading could not get one later.
    _begin_with(engines.writer, "BEGIN IMMEDIATE")
    _begin_with(engines.reader, "BEGIN")
    return engines


def prepare(engine: Engine, at_ms: int) -> bytes:
    """Make the tables if they are not there, and return the database's secret.

    Raises: Unavailable if it can't be opened, or a newer Gossamer made it.
    """
    try:
        with engine.begin() as connection:
            return _prepared(connection, at_ms)
    except DBAPIError as error:
        raise Unavailable(f"the database can't be opened: {error.orig}") from error


def _prepared(connection: Connection, at_ms: int) -> bytes:
    if not inspect(connection).has_table(STORE.name):
        METADATA.create_all(connection)
        secret = secrets.token_hex()
        identity = {"id": 1, "schema_version": SCHEMA_VERSION, "secret": secret, "created_at": at_ms}
        connection.execute(statements.ADD_IDENTITY, identity)
    found = connection.execute(statements.IDENTITY).one()
    if found.schema_version > SCHEMA_VERSION:
        raise Unavailable(
            f"the database has version {found.schema_version}, and this Gossamer only knows {SCHEMA_VERSION}"
        )
    if found.schema_version < SCHEMA_VERSION:
        _upgrade(connection, found.schema_version)
    return bytes.fromhex(found.secret)


def _upgrade(connection: Connection, version: int) -> None:
    """Bring an older database to our version, as part of the transaction that opens it."""
    METADATA.create_all(connection)
    for step in range(version + 1, SCHEMA_VERSION + 1):
        for statement in UPGRADES.get(step, ()):
            connection.exec_driver_sql(statement)
    connection.execute(statements.CHANGE_IDENTITY, {"is_id": 1, "schema_version": SCHEMA_VERSION})


def _engine(url: URL, connections: int) -> Engine:
    # Without an isolation level of its own, Python's driver leaves transactions to us.
    engine = create_engine(url, pool_size=connections, max_overflow=0, connect_args={"isolation_level": None})
    event.listen(engine, "connect", _configure)
    return engine


def _configure(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin_with(engine: Engine, words: str) -> None:
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(words)

    event.listen(engine, "begin", begin)
