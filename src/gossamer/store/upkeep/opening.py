"""A database opened to be tended: as it is, never made or brought to another version by the way."""

import contextlib
from collections.abc import Iterator

from sqlalchemy import URL, Connection
from sqlalchemy.exc import DBAPIError

from gossamer.errors import Unavailable
from gossamer.store.database import Database
from gossamer.store.engine import open_database


class Served(Unavailable):
    """A server has the database open, where that must not be."""

    def __str__(self) -> str:
        """What to do."""
        return "the database is being served: stop every `gossamer serve` that uses it first"


@contextlib.contextmanager
def looked_at(url: URL) -> Iterator[Connection]:
    """A transaction that only reads, and sees one state; servers go on.

    Raises: Unavailable.
    """
    with _opened(url) as database, database.reader.connect() as connection:
        yield connection


@contextlib.contextmanager
def held(url: URL, *, alone: bool) -> Iterator[Connection]:
    """A transaction that may change everything, and lets nobody else write meanwhile.

    Raises: Served if it must be alone and is not, Unavailable.
    """
    with _opened(url) as database, database.steward.begin() as connection:
        if alone and database.is_served(connection):
            raise Served
        yield connection


@contextlib.contextmanager
def _opened(url: URL) -> Iterator[Database]:
    database = open_database(url)
    try:
        yield database
    except DBAPIError as error:
        raise Unavailable(f"the database can't be used: {str(error.orig).strip()}") from error
    finally:
        database.dispose()
