"""Writes that share one transaction, and are made durable by one sync.

One that breaks a rule takes only itself back. A transaction that can't be made durable fails every write of
its group, and leaves nothing of any.

PostgreSQL puts up with an error only behind a savepoint, so each write gets one there. SQLite takes the
statement back that failed and goes on; two savepoint statements would be a fifth of a write's work. So there
all are carried out without, and nearly always that is all: what breaks a rule does so before it writes
anything. Where one fails that had written something, the whole transaction is taken back and carried out
anew, each behind its savepoint.
"""

import time
from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import Connection
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from gossamer.errors import Unavailable
from gossamer.store import statements
from gossamer.store.database import Database
from gossamer.store.log import Written
from gossamer.telemetry import metrics

Work = Callable[[Connection], Written | None]
Outcome = Written | Exception | None
Attempt = Callable[[Connection, Work], Outcome]


def carry_out(database: Database, works: Sequence[Work]) -> list[Outcome]:
    """One transaction for all; what each came to, in the same order. A work may be carried out twice."""
    try:
        if database.written is not None:
            try:
                return _transaction(database, works, _Unsaved(database.written))
            except _HalfWritten:
                pass
        return _transaction(database, works, _saved)
    except DBAPIError as error:
        metrics.STORE_FAILURES.labels("write").inc()
        return [Unavailable(f"nothing could be written: {error.orig}") for _ in works]


def last_sequence(outcomes: Iterable[Outcome]) -> int | None:
    """Where the log ends after some writes; None if none of them added to it."""
    found = (one.sequence for one in outcomes if isinstance(one, Written))
    return max((one for one in found if one is not None), default=None)


def _transaction(database: Database, works: Sequence[Work], attempt: Attempt) -> list[Outcome]:
    with database.writer.begin() as connection:
        outcomes = [attempt(connection, work) for work in works]
        last = last_sequence(outcomes)
        if last is not None:
            database.announce(connection, last)
        worked_until = time.monotonic()
    metrics.STORE_COMMIT_SECONDS.observe(time.monotonic() - worked_until)
    return outcomes


class _HalfWritten(Exception):
    """A write failed that had written something already."""


class _Unsaved:
    """One write after the other, for as long as none that fails leaves anything behind."""

    def __init__(self, written: Callable[[Connection], int]) -> None:
        self._written = written

    def __call__(self, connection: Connection, work: Work) -> Outcome:
        """What one comes to.

        Raises: _HalfWritten, DBAPIError.
        """
        before = self._written(connection)
        try:
            return work(connection)
        except Exception as error:
            if is_of_all(error):
                raise
            if self._written(connection) != before:
                raise _HalfWritten from error
            return error


def _saved(connection: Connection, work: Work) -> Outcome:
    """One write behind its savepoint.

    Raises: DBAPIError.
    """
    statements.SAVE.rows(connection, {})
    try:
        written = work(connection)
    except Exception as error:  # this caller's answer, not the end of the thread
        if is_of_all(error):
            raise
        outcome: Outcome = error
    else:
        statements.KEEP.rows(connection, {})
        return written
    statements.TAKE_BACK.rows(connection, {})
    statements.KEEP.rows(connection, {})
    return outcome


def is_of_all(error: Exception) -> bool:
    """Whether an error concerns the whole group: the disk is full, the connection is gone.

    What the database says about the very values of a write concerns this write alone.
    """
    return isinstance(error, DBAPIError) and not isinstance(error, DataError | IntegrityError)
