"""A connection to PostgreSQL that gives up a server which says nothing any more.

The server ends a statement that takes too long by itself, and the kernel a connection to a machine that is
gone. A server that is paused does neither: its machine answers for it.
Source: psycopg documentation, `Connection.wait`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.errors import _WaitTimeout
from sqlalchemy import Dialect
from sqlalchemy.pool import ConnectionPoolEntry

#: A little longer than the server itself allows a statement.
SILENCE_S: Final = 6.0

T = TypeVar("T")


class Punctual(psycopg.Connection[Any]):
    """One connection."""

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        """Go on with what was asked as the server answers.

        Raises: OperationalError if it does not. What was asked may still be done there.
        """
        try:
            return super().wait(gen, interval, SILENCE_S if timeout is None else timeout)
        except _WaitTimeout as error:
            if timeout is not None:
                raise
            self.pgconn.finish()
            raise psycopg.OperationalError(f"the server said nothing for {SILENCE_S:g} s") from error


def connected(
    _dialect: Dialect, _record: ConnectionPoolEntry, given: Sequence[str], named: Mapping[str, Any]
) -> Punctual:
    """A connection, for SQLAlchemy's event `do_connect`."""
    return Punctual.connect(*given, **named)
