"""Whether the process is alive, and whether it is ready: looked at all the time, told when asked.

Alive is a process that a restart would not help. Ready is one that new calls and new streams should come to;
proxies that are connected keep their configuration, and their streams, whatever becomes of that.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final, Protocol

import structlog

from gossamer.errors import Unavailable
from gossamer.telemetry import metrics

log = structlog.get_logger(__name__)

#: How often is looked.
LOOK_S: Final = 1.0


class Phase(Enum):
    """How far the process is."""

    STARTING = "starting"
    SERVING = "serving"
    DRAINING = "draining"


@dataclass(frozen=True, slots=True)
class Check:
    """One part, and what is wrong with it; empty if nothing is."""

    name: str
    why: str = ""


class WatchedStore(Protocol):
    """What health wants to know of the store."""

    def is_writing(self) -> bool:
        """Whether the writer's thread works."""
        ...

    async def probe(self) -> int:
        """The end of the log, as the database itself tells it.

        Raises: Unavailable.
        """
        ...


class WatchedLog(Protocol):
    """How far the log was taken in."""

    sequence: int


class Health:
    """Looks at the store and at the event loop. `patience_s` is how long the store may be unreadable."""

    def __init__(
        self,
        store: WatchedStore,
        log_reader: WatchedLog,
        *,
        patience_s: float,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.phase = Phase.STARTING
        self._store = store
        self._log_reader = log_reader
        self._patience_s = patience_s
        self._now = now
        self._read_at = self._followed_at = now()
        self._why = ""

    async def run(self) -> None:
        """Look for ever."""
        while True:
            begun = time.monotonic()
            await asyncio.sleep(LOOK_S)
            metrics.LOOP_LAG.observe(max(0.0, time.monotonic() - begun - LOOK_S))
            await self.look()

    async def look(self) -> None:
        """Ask the database where the log ends, and see whether it was followed there since the last look."""
        try:
            async with asyncio.timeout(self._patience_s):
                end = await self._store.probe()
        except (Unavailable, TimeoutError) as error:
            self._why = str(error) or "it does not answer"
            return
        self._read_at, self._why = self._now(), ""
        if self._log_reader.sequence >= end:
            self._followed_at = self._read_at

    def liveness(self) -> tuple[Check, ...]:
        """Each part that only a restart would mend. Whoever reads this knows that the event loop turns."""
        writer = "" if self._store.is_writing() else "its thread has ended, or is stuck in one transaction"
        return (Check("eventLoop"), Check("writer", writer))

    def readiness(self) -> tuple[Check, ...]:
        """Each part that new calls and new streams need."""
        return (
            *self.liveness(),
            *self._phases(),
            Check("store", self._unread()),
            Check("log", self._behind()),
        )

    def is_ready(self) -> bool:
        """Whether every part is well."""
        return not any(check.why for check in self.readiness())

    def _phases(self) -> Iterator[Check]:
        is_loaded = self.phase is not Phase.STARTING
        yield Check("meshes", "" if is_loaded else "they are not loaded yet")
        yield Check("streams", "" if is_loaded else "they are not served yet")
        yield Check("draining", "streams are handed over" if self.phase is Phase.DRAINING else "")

    def _unread(self) -> str:
        silent = self._now() - self._read_at
        return f"not readable for {silent:.0f} s: {self._why}" if silent > self._patience_s else ""

    def _behind(self) -> str:
        silent = self._now() - self._followed_at
        return f"not followed to its end for {silent:.0f} s" if silent > self._patience_s else ""
