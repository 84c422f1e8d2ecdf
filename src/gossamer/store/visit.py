"""A database opened for a moment, by a command that runs beside a server."""

import contextlib
import datetime
from collections.abc import Iterator

from sqlalchemy import URL, Connection
from sqlalchemy.exc import DBAPIError

from gossamer.errors import Unavailable
from gossamer.store import statements
from gossamer.store.engine import open_database, prepare
from gossamer.store.rows import milliseconds

#: What is handed to the functions of `keys` and `shares`.
Visit = Connection


def database_secret(visit: Visit) -> bytes:
    """The random bytes that belong to this database."""
    return bytes.fromhex(visit.execute(statements.IDENTITY).one().secret)


@contextlib.contextmanager
def visited(url: URL, now: datetime.datetime) -> Iterator[Visit]:
    """A transaction that may write; the tables are made if they are not there.

    Raises: Unavailable.
    """
    database = open_database(url)
    try:
        prepare(database, milliseconds(now))
        with database.writer.begin() as connection:
            yield connection
    except DBAPIError as error:
        raise Unavailable(f"the database can't be used: {error.orig}") from error
    finally:
        database.dispose()
