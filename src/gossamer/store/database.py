"""One database as the store uses it, and what differs between the engines."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from sqlalchemy import Connection, Engine

READERS: Final = 4


T = TypeVar("T")


class Reading(Protocol):
    """Runs a read beside the event loop."""

    async def __call__(self, work: Callable[[Connection], T], /) -> T:
        """What the work returned."""
        ...


class Follower(Protocol):
    """Hears of what other processes write."""

    def stop(self) -> None:
        """End, and wait until that is done."""
        ...


def nothing_to_announce(_connection: Connection, _sequence: int) -> None:
    """Nobody else looks at this database."""


def nobody(_connection: Connection) -> bool:
    """Nobody else serves this database: its directory is held by whoever does."""
    return False


@dataclass(frozen=True, slots=True)
class Database:
    """One connection that writes, several that read; `steward` writes too, and may take its time.

    `is_served` asks in a transaction whether a server has this database open, and keeps others from opening
    it until the transaction ends. `announce` tells other processes, as part of a transaction, where the log
    will end with it. `follow` calls back with the end of the log whenever it may have moved; None where
    nobody else writes. `fold` is what has to be done beside the writer from time to time, if anything.
    `written` counts the rows that a connection has changed since it was opened; None where a statement that
    fails takes the whole transaction with it.
    """

    writer: Engine
    reader: Engine
    steward: Engine
    is_served: Callable[[Connection], bool] = nobody
    announce: Callable[[Connection, int], None] = nothing_to_announce
    follow: Callable[[Engine, Callable[[int], None]], Follower] | None = None
    fold: Callable[[Engine], None] | None = None
    written: Callable[[Connection], int] | None = None

    def dispose(self) -> None:
        """Close every connection."""
        self.reader.dispose()
        self.steward.dispose()
        self.writer.dispose()
