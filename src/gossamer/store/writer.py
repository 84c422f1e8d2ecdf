"""The one thread that writes.

Writes that arrive in the same turns of the event loop are handed to the thread together, once no more come:
each statement lets other threads go first, so a thread that writes while the loop still reads requests waits
for it again and again, and both take twice as long. For the same reason the first of those who write again
and again wait a moment for the others, or each crowd would fall apart into few and many, with two syncs.

All writes that wait when the thread becomes free go into one transaction, and are made durable by one sync;
only then are their callers answered (`group`). What nobody waits for goes along with them, and needs no sync
of its own.
"""

import asyncio
import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from gossamer.errors import Bug, Unavailable
from gossamer.store.database import Database
from gossamer.store.group import Outcome, Work, carry_out
from gossamer.store.log import Written
from gossamer.store.store import Change
from gossamer.telemetry import metrics, trace
from gossamer.telemetry.commits import Commits

#: Enough to spread one sync over a burst, few enough that the first caller does not wait for long.
GROUP: Final = 128

#: Callers that write again and again come back together; fewer than this part of the last group wait for the
#: others, for so long at most. One that writes alone never waits.
CROWD: Final = 0.8
PATIENCE_S: Final = 0.005

Answer = asyncio.Future[Written | None]

#: Something to write that nobody waits for, and who hears what became of it.
Along = tuple[Work, Callable[[Answer], None]]


@dataclass(frozen=True, slots=True)
class _Job:
    """One write, and who waits for it."""

    work: Work
    answer: Answer
    came_at: float
    call: trace.Span | None


class Writer:
    """Carries out writes in the order in which they came.

    `on_written` hears on the event loop what each group added to the log, before anybody is answered;
    `on_committed` its size on the writer's thread. `commits` keeps when each change became durable. `along`
    is asked what goes along with so many writes, which are about to be handed to the thread.
    """

    #: Tests change it.
    patience_s = PATIENCE_S

    def __init__(
        self,
        database: Database,
        on_written: Callable[[tuple[Change, ...]], None],
        on_committed: Callable[[int], None],
    ) -> None:
        self.commits = Commits()
        self.along: Callable[[int], Iterable[Along]] = _nothing
        self._database = database
        self._on_written = on_written
        self._on_committed = on_committed
        self._loop = asyncio.get_running_loop()
        self._arriving: list[_Job] = []
        self._jobs: queue.SimpleQueue[list[_Job] | None] = queue.SimpleQueue()
        #: How many were handed over together last.
        self._crowd = 0
        #: When the first came since, and what ends its wait for as many.
        self._came = 0.0
        self._late: asyncio.TimerHandle | None = None
        #: How many writes were accepted, which the loop counts, and taken, which the thread does.
        self._accepted = 0
        self._taken = 0
        self._thread = threading.Thread(target=self._run, name="gossamer-writer", daemon=True)
        self._is_open = True
        self._busy_since: float | None = None
        self._thread.start()

    async def write(self, work: Callable[[Connection], Written]) -> Written:
        """Return what the work returned, once that is durable; raise what it raised.

        Raises: Unavailable when nothing could be written.
        """
        written = await self.attempt(work)
        if written is None:
            raise Bug("a write returned nothing")
        return written

    async def do(self, work: Callable[[Connection], None]) -> None:
        """Return once what the work did is durable, which is no revision; raise what it raised.

        Raises: Unavailable when nothing could be written.
        """
        await self.attempt(work)

    async def attempt(self, work: Work) -> Written | None:
        """The same for what may turn out to be no revision.

        Raises: Unavailable when nothing could be written.
        """
        if not self._is_open:
            raise Unavailable("the store is closed")
        answer = self._accept(work, trace.call())
        if len(self._arriving) == 1:
            self._came = self._loop.time()
            self._loop.call_soon(self._hand_over, 1)
        elif self._late is not None:
            self._late.cancel()
            self._late = None
            self._loop.call_soon(self._hand_over, len(self._arriving))
        return await answer

    def _accept(self, work: Work, call: trace.Span | None) -> Answer:
        job = _Job(work, self._loop.create_future(), time.monotonic(), call)
        self._accepted += 1
        self._arriving.append(job)
        return job.answer

    def _hand_over(self, seen: int) -> None:
        """Let what has arrived go, unless more came since: then even more may come at once."""
        if seen < len(self._arriving) < GROUP:
            self._loop.call_soon(self._hand_over, len(self._arriving))
        elif 0 < len(self._arriving) < CROWD * self._crowd:
            self._late = self._loop.call_at(self._came + self.patience_s, self._leave)
        else:
            self._leave()

    def _leave(self) -> None:
        """Give the thread what has arrived, and what goes along."""
        self._late = None
        if self._arriving:
            self._crowd = len(self._arriving)
            for work, hears in self.along(self._crowd):
                self._accept(work, None).add_done_callback(hears)
            self._jobs.put(self._arriving)
            self._arriving = []

    @property
    def waiting(self) -> int:
        """How many writes wait for the thread."""
        return self._accepted - self._taken

    def is_alive(self, patience_s: float) -> bool:
        """Whether the thread runs, and has not been at one transaction for longer than that."""
        since = self._busy_since
        return self._thread.is_alive() and (since is None or time.monotonic() - since < patience_s)

    async def close(self) -> None:
        """Finish what was accepted."""
        if self._is_open:
            self._is_open = False
            self._jobs.put(self._arriving)
            self._arriving = []
            self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        while group := self._next_group():
            self._busy_since = time.monotonic()
            outcomes = carry_out(self._database, [job.work for job in group])
            self._busy_since = None
            # A loop that was closed without closing the store has nobody left to answer.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._answer, group, outcomes, time.monotonic())
            self._on_committed(len(group))

    def _next_group(self) -> list[_Job]:
        """Wait for a write, then take all that wait with it; empty when it is time to end."""
        group: list[_Job] = []
        while (jobs := self._jobs.get()) is not None:
            group += jobs
            if group and (len(group) >= GROUP or self._jobs.empty()):
                self._taken += len(group)
                return group
        if group:
            # The end was asked for behind these; put it back for the next round.
            self._jobs.put(None)
            self._taken += len(group)
        return group

    def _answer(self, group: Sequence[_Job], outcomes: Sequence[Outcome], done_at: float) -> None:
        changes = tuple(one for done in outcomes if isinstance(done, Written) for one in done.changes)
        metrics.STORE_GROUP_SIZE.observe(len(group))
        for job, outcome in zip(group, outcomes, strict=True):
            _traced(job, outcome, done_at, len(group))
            if isinstance(outcome, Written) and outcome.sequence is not None:
                self.commits.note(outcome.sequence, done_at, job.call)
        if changes:
            self._on_written(changes)
        for job, outcome in zip(group, outcomes, strict=True):
            metrics.STORE_WRITE_SECONDS.observe(done_at - job.came_at)
            if job.answer.done():
                continue  # Its caller went away; what was written stays written.
            if isinstance(outcome, Exception):
                job.answer.set_exception(outcome)
            else:
                job.answer.set_result(outcome)


def _nothing(_writes: int) -> Iterable[Along]:
    """Nothing goes along."""
    return ()


def _traced(job: _Job, outcome: Outcome, done_at: float, size: int) -> None:
    """The span of one write, from its arrival until it was durable."""
    span = trace.follows("write", job.call, since=job.came_at)
    if span is not None:
        sequence = outcome.sequence if isinstance(outcome, Written) else None
        span.tell({"gossamer.group_size": size})
        if sequence is not None:
            span.tell({"gossamer.sequence": sequence})
        span.end(at=done_at, error=str(outcome) if isinstance(outcome, Exception) else "")
