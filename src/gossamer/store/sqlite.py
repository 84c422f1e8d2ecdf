"""SQLite in a file: one process writes, readers go on meanwhile.

Source: SQLite documentation, write-ahead logging, PRAGMA synchronous; SQLAlchemy documentation, pysqlite
transactions.
"""

import sqlite3
from typing import Final

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry

from gossamer.store.checkpoint import fold
from gossamer.store.database import Database

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


def database(url: URL, readers: int) -> Database:
    """Connections to a file, nothing opened yet."""
    writer = _engine(url, 1)
    reader = _engine(url, readers)
    found = Database(writer=writer, reader=reader, steward=writer, fold=fold, written=_written)
    # A write lock from the start: a transaction that begins by reading could not get one later.
    _begin_with(found.writer, "BEGIN IMMEDIATE")
    _begin_with(found.reader, "BEGIN")
    return found


def _engine(url: URL, connections: int) -> Engine:
    # Without an isolation level of its own, Python's driver leaves transactions to us.
    engine = create_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        connect_args={"isolation_level": None},
        hide_parameters=True,  # an error of the database is logged, and what was written may be secret
    )
    event.listen(engine, "connect", _configure)
    return engine


def _configure(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _written(connection: Connection) -> int:
    driver = connection.connection.dbapi_connection
    assert isinstance(driver, sqlite3.Connection)  # noqa: S101 - the only driver of these URLs
    return driver.total_changes


def _begin_with(engine: Engine, words: str) -> None:
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(words)

    event.listen(engine, "begin", begin)
