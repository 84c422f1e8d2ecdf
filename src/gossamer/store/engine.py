"""Opening a database; `sqlite` and `postgresql` hold what is particular to each of the two."""

import secrets
from pathlib import Path
from typing import Final

from sqlalchemy import URL, Connection, insert, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from gossamer.errors import Unavailable
from gossamer.store import access_tables, audit_tables, credential_tables, postgresql, sqlite, statements
from gossamer.store.database import READERS, Database
from gossamer.store.schema import METADATA, OPENS_TO, SCHEMA_VERSION
from gossamer.store.versions import VERSIONS, Migrating, Version, version_of

#: Where a database is; for those who only hand it on.
Url = URL

#: The tables besides those of resources; imported here, so that they are made with the others.
OTHER_TABLES: Final = (access_tables.ACCESS_KEYS, audit_tables.AUDIT, credential_tables.CREDENTIALS)


def sqlite_url(path: Path) -> URL:
    """The URL of a database in a file."""
    return URL.create("sqlite", database=str(path))


def database_url(text: str) -> URL:
    """A URL as an operator writes it: `postgresql://user:password@host:5432/name`.

    Of several hosts, `one:5432,other:5432`, the one that takes writes is served from, as libpq has it.
    Raises: ValueError for any other, with what is wrong.
    """
    begin, hosts, end = _parted(text)
    if begin.count("@") > 1:
        # Else a piece of the password would be taken, and told, as the host.
        raise ValueError("holds @ in its user or password: there it is written %40")
    try:
        url = make_url(f"{begin}{'' if len(hosts) > 1 else ''.join(hosts)}{end}")
    except (ArgumentError, ValueError) as error:
        raise ValueError("is not a URL such as postgresql://user:password@host:5432/gossamer") from error
    if url.get_backend_name() != postgresql.NAME:
        raise ValueError(f"names {url.get_backend_name()}, and only {postgresql.NAME} is served by URL")
    if len(hosts) > 1:
        url = url.update_query_dict({"host": hosts})
        if "target_session_attrs" not in url.query:
            url = url.update_query_dict({"target_session_attrs": "read-write"})
    return url.set(drivername=postgresql.DRIVER)


def _parted(text: str) -> tuple[str, tuple[str, ...], str]:
    """A URL around its hosts; SQLAlchemy knows several of them only as parameters."""
    scheme, slashes, rest = text.partition("://")
    place, slash, end = rest.partition("/")
    user, at, hosts = place.rpartition("@")
    return f"{scheme}{slashes}{user}{at}", tuple(hosts.split(",")), f"{slash}{end}"


def open_database(url: URL) -> Database:
    """Connections to a database, nothing opened yet."""
    if url.get_backend_name() == postgresql.NAME:
        return postgresql.database(url, READERS)
    return sqlite.database(url, READERS)


def prepare(database: Database, at_ms: int, allowed: Migrating = Migrating.ONLINE) -> bytes:
    """Make the tables if they are not there, bring older ones to our version, return the database's secret.

    Raises: Unavailable if it can't be opened, a newer Gossamer made it, or it needs a step that is not
    allowed.
    """
    try:
        with database.reader.connect() as connection:
            if _is_current(version_of(connection)):
                return _secret(connection)
        with database.steward.begin() as connection:
            # Meanwhile another process may have done it all.
            found = version_of(connection)
            if found is None:
                _make(connection, at_ms)
            elif not _is_current(found):
                _migrate(database, connection, found, allowed)
            return _secret(connection)
    except DBAPIError as error:
        raise Unavailable(f"the database can't be opened: {error.orig}") from error


def _is_current(found: Version | None) -> bool:
    """Whether there is nothing to do; a newer version that is open to ours is left as it is."""
    if found is None:
        return False
    found.check()
    return found.found >= SCHEMA_VERSION


def _secret(connection: Connection) -> bytes:
    return bytes.fromhex(connection.execute(statements.IDENTITY).one().secret)


def make_tables(connection: Connection) -> None:
    """Today's tables, with no row in them."""
    METADATA.create_all(connection)
    VERSIONS.create(connection)
    connection.execute(insert(VERSIONS), {"version_num": str(SCHEMA_VERSION)})


def _make(connection: Connection, at_ms: int) -> None:
    make_tables(connection)
    identity = {"id": 1, "schema_version": OPENS_TO, "secret": secrets.token_hex(), "created_at": at_ms}
    connection.execute(statements.ADD_IDENTITY, identity)
    fill_states(connection)


def _migrate(database: Database, connection: Connection, found: Version, allowed: Migrating) -> None:
    from gossamer.store import migration  # noqa: PLC0415 - takes longer to load than most commands to run

    told = f"the database has version {found.found}, and this Gossamer works with {SCHEMA_VERSION}"
    if allowed is Migrating.NONE:
        raise Unavailable(f"{told}: `gossamer store migrate` brings it there")
    if not migration.is_online(found.found):
        if allowed is not Migrating.ANY:
            raise Unavailable(f"{told}: stop every server of it, and then `gossamer store migrate`")
        if database.is_served(connection):
            raise Unavailable(f"{told}, which those that serve it now can't go on with: stop them first")
    migration.upgrade(connection, found)
    fill_states(connection)


def fill_states(connection: Connection) -> None:
    """Put in the rows whose numbers move, where they are missing."""
    for state in (access_tables, credential_tables):
        if connection.execute(state.VERSION).first() is None:
            connection.execute(state.FIRST_VERSION)
