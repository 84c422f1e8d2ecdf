"""Takes every change in as it is written, by whichever replica, and tells when nothing is left to take in."""

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Final, Protocol

import structlog

from gossamer.errors import Unavailable
from gossamer.model.kind import Ref
from gossamer.model.revision import Revision
from gossamer.store.store import Change, Store
from gossamer.telemetry import metrics
from gossamer.telemetry.cause import Cause

log = structlog.get_logger(__name__)


class Take(Protocol):
    """Takes changes in, which are to be published because of a cause; at the start there is none."""

    def __call__(self, changes: Iterable[tuple[Ref, Revision | None]], cause: Cause | None = None, /) -> None:
        """None takes a resource away."""
        ...


#: How soon a store that could not be read is tried again.
RETRY_S: Final = 0.5


class Follower:
    """The log's reader; `take` hears every change once and in order.

    `is_shared` tells that other processes write too. Belongs to one event loop.
    """

    def __init__(self, store: Store, take: Take, *, is_shared: bool) -> None:
        self._store = store
        self._take = take
        self._is_shared = is_shared
        #: The last change that was taken in.
        self.sequence = 0
        self._turn = asyncio.Lock()
        self._begun = 0
        self._done = 0
        #: Told what was taken in of the log, and by whom it was written.
        self.on_changes: Callable[[tuple[Change, ...]], None] = _nobody

    async def load(self) -> None:
        """Take every resource in."""
        self.sequence, revisions = await self._store.all()
        self._take((revision.ref, revision) for revision in revisions)

    async def follow(self) -> None:
        """Go on for ever; a store that is away keeps what was taken in as it is."""
        is_away = False
        while True:
            await self._store.wait(self.sequence)
            try:
                await self._read()
            except Unavailable as error:
                metrics.STORE_FAILURES.labels("follow").inc()
                if not is_away:
                    log.warning("store_not_followed", why=str(error), sequence=self.sequence)
                is_away = True
                await asyncio.sleep(RETRY_S)
            else:
                if is_away:
                    log.info("store_followed_again", sequence=self.sequence)
                is_away = False

    async def catch_up(self) -> None:
        """Return once everything is taken in that was durable when this was called.

        Many who ask at once share a reading: one that began after they came answers them all.
        Raises: Unavailable.
        """
        if not self._is_shared:
            return  # What this process wrote it takes in itself, in the order in which it was answered.
        came = self._begun
        while self._done <= came:
            await self._read(later_than=came)

    async def _read(self, later_than: int | None = None) -> None:
        """Take in what is new, unless a reading that began later than that one is done already."""
        heard = time.monotonic()
        async with self._turn:
            if later_than is not None and self._done > later_than:
                return
            self._begun += 1
            while changes := await self._store.changes(self.sequence):
                self._took(changes, heard)
            self._done = self._begun

    def _took(self, changes: tuple[Change, ...], heard: float) -> None:
        """Take part of the log in."""
        last = changes[-1].sequence
        cause = self._store.commits.cause(range(self.sequence + 1, last + 1), heard)
        metrics.CHANGES_TAKEN.inc(len(changes))
        metrics.FOLLOW_SECONDS.observe(cause.age())
        self._take(((change.ref, change.revision) for change in changes), cause)
        self.sequence = last
        self.on_changes(changes)


def _nobody(_: tuple[Change, ...]) -> None:
    """Hears nothing."""
