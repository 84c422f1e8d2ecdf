"""PostgreSQL: several processes on one database, each a replica that any client and any proxy may use.

One lock a transaction orders the log by commit, so that a reader which resumes behind a sequence misses
nothing. A notification in the same transaction wakes the other replicas; a poll covers one that was lost.
Source: PostgreSQL documentation, advisory locks, NOTIFY, client connection defaults.
"""

import contextlib
import select
import socket
import threading
from collections.abc import Callable
from typing import Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from gossamer.store import statements
from gossamer.store.database import Database

NAME: Final = "postgresql"
DRIVER: Final = "postgresql+psycopg"

CHANNEL: Final = "gossamer_log"

#: Any number will do, as long as every replica takes the same and nothing else in the database does.
WRITE_LOCK: Final = 0x676F7373

#: Shared by all that serve a database; whoever needs it for himself takes it whole.
SERVING_LOCK: Final = 0x676F7374

#: How long a lost notification goes unnoticed.
POLL_S: Final = 1.0

#: How soon a connection that was lost is tried again.
RETRY_S: Final = 0.25

#: What a database that hangs may cost: seconds to connect, and for one statement; the server itself counts
#: the latter, and where it does not any more, `punctual` does.
_CONNECT_S: Final = 3
_STATEMENT_MS: Final = 5_000

_LOCK: Final = text("SELECT pg_advisory_xact_lock(:number)")
_SERVE: Final = text("SELECT pg_advisory_lock_shared(:number)")
_CLAIM: Final = text("SELECT pg_try_advisory_xact_lock(:number)")
_ANNOUNCE: Final = text("SELECT pg_notify(:channel, :sequence)")


def database(url: URL, readers: int) -> Database:
    """Connections to a server, nothing opened yet."""
    found = Database(
        writer=_engine(url, 1),
        reader=_engine(url, readers + 1),
        steward=_patient(url),
        is_served=_is_served,
        announce=_announce,
        follow=Notifications,
    )
    event.listen(found.writer, "begin", _take_turn)
    event.listen(found.steward, "begin", _take_turn)
    return found


def _engine(url: URL, connections: int) -> Engine:
    """A pool whose connections are tried before use: after a fail-over, all of them are dead."""
    from gossamer.store.punctual import connected  # noqa: PLC0415 - the driver is an optional extra

    engine = create_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        pool_pre_ping=True,
        hide_parameters=True,  # an error of the database is logged, and what was written may be secret
        isolation_level="REPEATABLE READ" if connections > 1 else "READ COMMITTED",
        connect_args=_arguments(_STATEMENT_MS),
    )
    event.listen(engine, "do_connect", connected)
    return engine


def _patient(url: URL) -> Engine:
    """For what takes as long as it does; nothing is kept open for it."""
    return create_engine(url, poolclass=NullPool, connect_args=_arguments(0))


def _arguments(statement_ms: int) -> dict[str, str | int]:
    return {
        "connect_timeout": _CONNECT_S,
        "options": f"-c statement_timeout={statement_ms} -c timezone=UTC",
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "tcp_user_timeout": _STATEMENT_MS * 2,
    }


def _take_turn(connection: Connection) -> None:
    """One transaction at a time among all replicas, until it commits."""
    connection.execute(_LOCK, {"number": WRITE_LOCK})


def _is_served(connection: Connection) -> bool:
    return not connection.execute(_CLAIM, {"number": SERVING_LOCK}).scalar_one()


def _announce(connection: Connection, sequence: int) -> None:
    connection.execute(_ANNOUNCE, {"channel": CHANNEL, "sequence": str(sequence)})


class Notifications:
    """Listens on a connection of its own; `moved` is called, on its thread, with the end of the log."""

    def __init__(self, engine: Engine, moved: Callable[[int], None]) -> None:
        self._engine = engine
        self._moved = moved
        self._is_stopping = False
        self._woken, self._wake = socket.socketpair()
        self._thread = threading.Thread(target=self._run, name="gossamer-notifications", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End, and wait until that is done."""
        self._is_stopping = True
        self._wake.close()
        self._thread.join()
        self._woken.close()

    def _run(self) -> None:
        while not self._is_stopping:
            # A database that is away comes back; until then nothing moves.
            with contextlib.suppress(DBAPIError, self._engine.dialect.loaded_dbapi.Error):
                self._listen()
            select.select([self._woken], (), (), RETRY_S)

    def _listen(self) -> None:
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(_SERVE, {"number": SERVING_LOCK})
            connection.exec_driver_sql(f"LISTEN {CHANNEL}")
            driver = connection.connection.driver_connection
            assert driver is not None  # noqa: S101 - it has just listened
            while not self._is_stopping:
                # First the log itself: what was written before we listened was announced to nobody.
                self._moved(statements.LAST_SEQUENCE.number(connection, {}))
                select.select([driver.fileno(), self._woken], (), (), POLL_S)
                for _ in driver.notifies(timeout=0):
                    pass
