"""Opening a database; `sqlite` and `postgresql` hold what is particular to each of the two."""

import secrets
from pathlib import Path
from typing import Final

from sqlalchemy import URL, Connection, Engine, inspect, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from gossamer.errors import Unavailable
from gossamer.store import access_tables, audit_tables, postgresql, sqlite, statements
from gossamer.store.database import READERS, Database
from gossamer.store.schema import METADATA, SCHEMA_VERSION, STORE, UPGRADES

#: Where a database is; for those who only hand it on.
Url = URL

#: The tables besides those of resources; imported here, so that they are made with the others.
OTHER_TABLES: Final = (access_tables.ACCESS_KEYS, audit_tables.AUDIT)


def sqlite_url(path: Path) -> URL:
    """The URL of a database in a file."""
    return URL.create("sqlite", database=str(path))


def database_url(text: str) -> URL:
    """A URL as an operator writes it: `postgresql://user:password@host:5432/name`.

    Raises: ValueError for any other, with what is wrong.
    """
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise ValueError("is not a URL such as postgresql://user:password@host:5432/gossamer") from error
    if url.get_backend_name() != postgresql.NAME:
        raise ValueError(f"names {url.get_backend_name()}, and only {postgresql.NAME} is served by URL")
    return url.set(drivername=postgresql.DRIVER)


def open_database(url: URL) -> Database:
    """Connections to a database, nothing opened yet."""
    if url.get_backend_name() == postgresql.NAME:
        return postgresql.database(url, READERS)
    return sqlite.database(url, READERS)


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
    if connection.execute(access_tables.VERSION).first() is None:
        connection.execute(access_tables.FIRST_VERSION)
    return bytes.fromhex(found.secret)


def _upgrade(connection: Connection, version: int) -> None:
    """Bring an older database to our version, as part of the transaction that opens it."""
    METADATA.create_all(connection)
    for step in range(version + 1, SCHEMA_VERSION + 1):
        for statement in UPGRADES.get(step, ()):
            connection.exec_driver_sql(statement)
    connection.execute(statements.CHANGE_IDENTITY, {"is_id": 1, "schema_version": SCHEMA_VERSION})
