"""What happens in this process, for everybody who listens: one reader of the log serves them all.

Nothing waits for a listener, and nothing is kept for one: each remembers how far it has come, and takes what
there is by then. Changes of resources come in full, from the log itself if a listener was away for long; of
everything else the newest counts.
"""

import asyncio
from collections import deque
from itertools import takewhile
from typing import Final

from gossamer.clock import Clock
from gossamer.insight.ledger import Ledger
from gossamer.insight.meshes import Meshes
from gossamer.model.kind import Kind, MeshKey
from gossamer.store.store import Change, Store
from gossamer.xds.hub import Hub

#: How many changes are at hand without asking the store.
RECENT: Final = 1_000

#: How often what is seen only by looking is looked at: problems, and proxies that have become stale.
LOOK_S: Final = 0.5

#: Every so many looks the problems of every mesh are counted anew: certificates and endpoints change too.
COUNT_LOOKS: Final = 10


class Feed:
    """The happenings of one process. Belongs to one event loop."""

    def __init__(self, store: Store, hub: Hub, meshes: Meshes, ledger: Ledger, clock: Clock) -> None:
        self._store = store
        self._hub = hub
        self._meshes = meshes
        self.ledger = ledger
        self._clock = clock
        self._recent: deque[Change] = deque(maxlen=RECENT)
        self._moved = asyncio.Event()
        self._touched: set[MeshKey] = set()
        self._stale: set[int] = set()
        #: The last change that was taken in.
        self.sequence = 0
        #: How many listen.
        self.listeners = 0
        #: Whether everybody is to leave, because the process stops.
        self.is_over = False
        #: How many problems each mesh has that was counted.
        self.problems: dict[MeshKey, int] = {}

    def begin(self, sequence: int) -> None:
        """Everything up to a change is known, and nobody need be told."""
        self.sequence = sequence

    def take(self, changes: tuple[Change, ...]) -> None:
        """Take in what came next."""
        self._recent.extend(changes)
        self.sequence = changes[-1].sequence
        for one in changes:
            self._touch(one)
        self._wake()

    def close(self) -> None:
        """Send everybody away."""
        self.is_over = True
        self._wake()

    async def wait(self, timeout_s: float) -> None:
        """Return when a change came, or time is up."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._moved.wait()
        except TimeoutError:
            return

    async def changes(self, after: int) -> tuple[Change, ...]:
        """What came after a change; a long log comes in parts.

        Raises: Unavailable.
        """
        if after >= self.sequence:
            return ()
        if self._recent and self._recent[0].sequence <= after + 1:
            later = list(takewhile(lambda one: one.sequence > after, reversed(self._recent)))
            return tuple(reversed(later))
        return tuple(one for one in await self._store.changes(after) if one.sequence <= self.sequence)

    async def run(self) -> None:
        """Look again and again, for ever, at what shows only when it is looked at."""
        looks = 0
        while True:
            await asyncio.sleep(LOOK_S)
            self.ledger.pass_time()
            if not self.listeners:
                continue
            looks += 1
            self._look_for_stale()
            touched, self._touched = self._touched, set()
            await self._count(touched | set(self.problems) if looks % COUNT_LOOKS == 0 else touched)

    async def count(self, mesh: MeshKey) -> None:
        """Count the problems of one mesh, if that was not done yet."""
        if mesh not in self.problems:
            await self._count({mesh})

    async def _count(self, meshes: set[MeshKey]) -> None:
        for key in meshes:
            # A mesh is immutable, and a large one takes a while: proxies must not wait for that.
            found = await asyncio.to_thread(self._meshes.problems, key.mesh, key.account)
            if found is None:
                self.problems.pop(key, None)
            else:
                self.problems[key] = len(found)

    def _touch(self, change: Change) -> None:
        """Count the problems of its mesh anew; of a mesh that is gone nothing is kept, listeners or not."""
        key = change.ref.key
        if change.ref.kind is Kind.MESH and change.revision is None:
            self._touched.discard(key)
            self.problems.pop(key, None)
        else:
            self._touched.add(key)

    def _look_for_stale(self) -> None:
        now = self._clock.now()
        stale = set()
        for status in self._hub.statuses():
            if status.is_stale(now):
                stale.add(status.stream)
            if status.is_stale(now) is not (status.stream in self._stale):
                self._hub.register.note(status)
        self._stale = stale

    def _wake(self) -> None:
        self._moved.set()
        self._moved = asyncio.Event()
