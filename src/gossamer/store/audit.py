"""The audit log: what was done, by whom, from where, and what was answered.

Entries go along with the next writes of a mesh, whose sync makes them durable too. Where none come, they are
gathered for a moment and written together. No call waits for its own. A crash may lose the last moment of
them; what was written to a mesh is in the log of revisions too, with its author.
"""

import asyncio
import datetime
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import structlog
from sqlalchemy import ColumnElement, Connection, Select, select

from gossamer.clock import Clock
from gossamer.errors import Unavailable
from gossamer.store import audit_tables as tables
from gossamer.store.audit_event import AuditEvent
from gossamer.store.audit_tables import AUDIT
from gossamer.store.database import Reading
from gossamer.store.rows import milliseconds
from gossamer.store.writer import Along, Answer
from gossamer.telemetry import metrics
from gossamer.uid import Uids

log = structlog.get_logger(__name__)

#: How long entries are gathered before they are written.
GATHER_S: Final = 0.2
#: How long to wait when nothing could be written.
PATIENCE_S: Final = 1.0
#: How many entries go into one write, so that no call waits for many; of very many, this part.
BATCH: Final = 32
PART: Final = 16
#: How many entries may wait.
MOST_WAITING: Final = 50_000
#: How often old entries are taken away, and how many at once.
SWEEP_S: Final = 3600.0
SWEPT_AT_ONCE: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditQuery:
    """Which entries are asked for; None does not care. `before` is the sequence of the last one seen."""

    name: str | None = None
    account: str | None = None
    principal: str | None = None
    key: str | None = None
    source: str | None = None
    resource: str | None = None
    error: str | None = None
    is_read_only: bool | None = None
    since: datetime.datetime | None = None
    until: datetime.datetime | None = None
    before: int | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Entries, newest first, each a line of JSON. `next` is what to go on before; None on the last page."""

    records: tuple[str, ...]
    next: int | None


Writing = Callable[[Callable[[Connection], None]], Awaitable[None]]


class AuditLog:
    """Takes entries, writes them, finds them again."""

    def __init__(self, read: Reading, write: Writing, clock: Clock) -> None:
        self._read = read
        self._write = write
        self._clock = clock
        self._uids = Uids()
        self._waiting: deque[AuditEvent] = deque()
        self._arrived = asyncio.Event()
        #: How many entries may have gone along with the last writes; zero after a moment without any.
        self._went_along = 0
        #: Whether something was not written that went along: then each entry is looked at by itself.
        self._is_held = False

    @property
    def waiting(self) -> int:
        """How many entries wait to be written."""
        return len(self._waiting)

    def note(self, event: AuditEvent) -> None:
        """Take an entry; it is written soon."""
        self._waiting.append(event)
        self._arrived.set()
        if len(self._waiting) > MOST_WAITING:
            self._waiting.popleft()
            metrics.AUDIT_LOST.inc()

    def along(self, writes: int) -> Iterator[Along]:
        """What goes along with so many writes: as many entries as those will leave themselves."""
        if self._is_held:
            return
        self._went_along = max(BATCH, writes)
        if batch := self._taken(self._went_along):
            yield self._work(batch), partial(self._heard, batch)

    async def run(self) -> None:
        """Write entries as they come, for ever, unless there are writes that take them along."""
        while True:
            await self._arrived.wait()
            self._went_along = 0
            await asyncio.sleep(GATHER_S)
            if len(self._waiting) <= self._went_along and not self._is_held:
                continue
            try:
                await self.flush()
            except Unavailable as error:
                log.error("audit_not_written", waiting=len(self._waiting), why=str(error))  # noqa: TRY400 - the cause is the database
                await asyncio.sleep(PATIENCE_S)

    async def flush(self) -> None:
        """Write all entries that wait.

        Raises: Unavailable; they wait on.
        """
        self._arrived.clear()
        while self._waiting:
            batch = self._taken(max(BATCH, len(self._waiting) // PART))
            try:
                await self._keep(batch)
            except Unavailable:
                self._put_back(batch)
                raise
        self._is_held = False

    def _taken(self, most: int) -> deque[AuditEvent]:
        return deque(self._waiting.popleft() for _ in range(min(most, len(self._waiting))))

    def _put_back(self, batch: deque[AuditEvent]) -> None:
        self._waiting.extendleft(reversed(batch))
        self._arrived.set()

    def _work(self, batch: deque[AuditEvent]) -> Callable[[Connection], None]:
        return partial(_add, batch=tuple(batch), uids=self._uids)

    def _heard(self, batch: deque[AuditEvent], answer: Answer) -> None:
        """What became of entries that went along."""
        if answer.exception() is not None:
            self._is_held = True
            self._put_back(batch)

    async def _keep(self, batch: deque[AuditEvent]) -> None:
        """Write a batch, or, if the database does not take it as it is, each entry by itself.

        One that it never takes is lost, and told: it must not end the process, nor hold up the others.
        Raises: Unavailable; what is left in the batch was not written.
        """
        try:
            await self._write(self._work(batch))
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - whatever an entry holds
            if len(batch) == 1:
                metrics.AUDIT_LOST.inc()
                _told_lost(batch[0], error)
            else:
                while batch:
                    await self._keep(deque((batch[0],)))
                    batch.popleft()

    async def sweep(self, days: int) -> None:
        """Take away what is older than so many days, every hour, for ever."""
        while True:
            before = milliseconds(self._clock.now() - datetime.timedelta(days=days))
            try:
                while await self._swept(before) == SWEPT_AT_ONCE:
                    pass
            except Unavailable as error:
                log.warning("audit_not_swept", why=str(error))
            await asyncio.sleep(SWEEP_S)

    async def find(self, query: AuditQuery) -> AuditPage:
        """Entries that a query asks for."""
        return await self._read(partial(_found, query=query))

    async def _swept(self, before: int) -> int:
        gone: list[int] = []

        def work(connection: Connection) -> None:
            asked = {"before": before, "most": SWEPT_AT_ONCE}
            gone.append(connection.execute(tables.REMOVE, asked).rowcount)

        await self._write(work)
        return gone[-1]


def _told_lost(event: AuditEvent, error: Exception) -> None:
    """Say what was lost, but for the parameters, which are no matter of a log."""
    log.error(
        "audit_entry_lost",
        operation=event.name,
        principal=event.identity.principal,
        request_id=event.request_id,
        why=str(error),
    )


def _add(connection: Connection, batch: Sequence[AuditEvent], uids: Uids) -> None:
    rows = [
        {
            "at": milliseconds(event.at),
            "name": event.name,
            "account": event.identity.account,
            "principal": event.identity.principal,
            "key": event.identity.key,
            "source": event.source,
            "is_read_only": event.is_read_only,
            "error": None if event.error is None else event.error.code,
            "resource": event.resources[0] if event.resources else None,
            "record": event.document(uids.new()),
        }
        for event in batch
    ]
    tables.ADD.many(connection, rows)


def _found(connection: Connection, query: AuditQuery) -> AuditPage:
    rows = connection.execute(_statement(query)).all()
    page = rows[: query.limit]
    more = page[-1].sequence if len(rows) > query.limit else None
    return AuditPage(tuple(row.record for row in page), more)


def _statement(query: AuditQuery) -> Select[tuple[int, str]]:
    asked = select(AUDIT.c.sequence, AUDIT.c.record).where(*_conditions(query))
    # One more than asked for tells whether there is a next page.
    return asked.order_by(AUDIT.c.sequence.desc()).limit(query.limit + 1)


def _conditions(query: AuditQuery) -> Iterator[ColumnElement[bool]]:
    equal = ("name", "account", "principal", "key", "source", "resource", "error", "is_read_only")
    for column in equal:
        if (wanted := getattr(query, column)) is not None:
            yield AUDIT.c[column] == wanted
    if query.since is not None:
        yield AUDIT.c.at >= milliseconds(query.since)
    if query.until is not None:
        yield AUDIT.c.at < milliseconds(query.until)
    if query.before is not None:
        yield AUDIT.c.sequence < query.before
