"""Folds SQLite's write-ahead log back into the database file, beside the writer instead of in its way.

Left to itself, SQLite does this inside every thousandth page's commit, and all writes wait tens of
milliseconds for it. A passive checkpoint waits for nobody and lets everybody go on.
Source: SQLite documentation, write-ahead logging, checkpointing and performance considerations.
"""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Final

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

#: About a thousand pages, as SQLite itself would choose.
EVERY_WRITES: Final = 256


class Checkpoints:
    """Starts a checkpoint after so many writes, one at a time. Called from the writer's thread."""

    def __init__(self, fold: Callable[[], None], executor: Executor) -> None:
        self._fold = fold
        self._executor = executor
        self._waiting = 0
        self._running: Future[None] | None = None

    def note(self, writes: int) -> None:
        """So many writes have been committed."""
        self._waiting += writes
        if self._waiting >= EVERY_WRITES and (self._running is None or self._running.done()):
            self._waiting = 0
            self._running = self._executor.submit(self._fold)


def fold(engine: Engine) -> None:
    """One checkpoint, outside of any transaction. If it fails, the next one does its work too."""
    try:
        connection = engine.raw_connection()
    except DBAPIError:
        return
    try:
        connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
    except engine.dialect.loaded_dbapi.Error:
        return
    finally:
        connection.close()
