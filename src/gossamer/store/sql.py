"""`SqlStore`: the Store on a SQL database, SQLite in a file or PostgreSQL.

Callers are asynchronous, the database is not: reads hop to a small pool of threads, writes to the one writer.
"""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from typing import Self, TypeVar

from sqlalchemy import URL, Connection
from sqlalchemy.exc import DBAPIError

from gossamer.clock import Clock
from gossamer.errors import Unavailable
from gossamer.model.kind import Ref
from gossamer.model.revision import Revision
from gossamer.model.spec import Spec
from gossamer.store import reads
from gossamer.store.audit import AuditLog
from gossamer.store.batch import Batches
from gossamer.store.checkpoint import Checkpoints
from gossamer.store.database import READERS, Database
from gossamer.store.directory import SqlAccess
from gossamer.store.engine import open_database, prepare
from gossamer.store.history import History
from gossamer.store.log import Action
from gossamer.store.plans import SqlPlans
from gossamer.store.request import Request, tags_as_text
from gossamer.store.rows import milliseconds
from gossamer.store.standing import Standing
from gossamer.store.store import NO_TAGS, Author, Change, Collection, Page, PlanStore, Rules, TagStore
from gossamer.store.tags import SqlTags
from gossamer.store.tail import Tail
from gossamer.store.versions import Migrating
from gossamer.store.vitals import Vitals
from gossamer.store.writer import Writer
from gossamer.store.writes import Writes

T = TypeVar("T")


class SqlStore:
    """Resources in a SQL database; see `Store`. Belongs to the event loop that opened it."""

    def __init__(self, database: Database, secret: bytes, tail: Tail, rules: Rules, clock: Clock) -> None:
        self.secret = secret
        self._database = database
        self._tail = tail
        self._writes = Writes(rules, clock)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="gossamer-reader")
        # Where others write too, only the database knows how a resource stands.
        self._standing = Standing() if database.follow is None else None
        self._writer = Writer(database, self._took, _checkpoints(database, self._readers))
        self.commits = self._writer.commits
        self._follower = (
            database.follow(database.reader, tail.moved_elsewhere) if database.follow is not None else None
        )
        self.tags: TagStore = SqlTags(self._read, self._writer.write, clock)
        self.plans: PlanStore = SqlPlans(self._read, self._writer.write, self._writes)
        self.batches = Batches(self._writer.attempt, self._writes, clock)
        self.history = History(self._read)
        self.access = SqlAccess(self._read)
        self.vitals = Vitals(self._read, self._writer, tail)
        self.audit = AuditLog(self._read, self._writer.do, clock)
        self._writer.along = self.audit.along

    @classmethod
    async def open(
        cls, url: URL, *, rules: Rules, clock: Clock, migrating: Migrating = Migrating.ANY
    ) -> Self:
        """Open a database, making its tables if it is empty, and bringing older ones to our version.

        Raises: Unavailable if it can't be opened, a newer Gossamer made it, or it needs a step that
        `migrating` does not allow.
        """
        database = open_database(url)
        secret, sequence = await asyncio.to_thread(_opened, database, milliseconds(clock.now()), migrating)
        return cls(database, secret, Tail(sequence), rules, clock)

    async def create(
        self, ref: Ref, spec: Spec, *, author: Author, tags: Mapping[str, str] = NO_TAGS
    ) -> Revision:
        """Write a resource that is not there yet."""
        request = Request(Action.CREATE, ref, spec, spec.to_json(), tags_as_text(tags), author)
        return (await self._writer.write(partial(self._writes.create, request=request))).revision

    async def update(self, ref: Ref, spec: Spec, *, author: Author) -> Revision:
        """Replace the whole spec of a resource."""
        request = Request(Action.UPDATE, ref, spec, spec.to_json(), tags_as_text(NO_TAGS), author)
        return (await self._writer.write(partial(self._writes.update, request=request))).revision

    async def delete(self, ref: Ref, *, author: Author) -> Revision:
        """Take a resource away; returns its last revision, with status DELETED."""
        return (await self._writer.write(partial(self._writes.delete, ref=ref, author=author))).revision

    async def get(self, ref: Ref) -> Revision:
        """One resource as it stands."""
        found = None if self._standing is None else self._standing.get(ref)
        if found is not None:
            return found
        sequence = self._tail.sequence
        found = await self._read(partial(reads.read, ref=ref))
        # What was written meanwhile may have come after this was read.
        if self._standing is not None and self._tail.sequence == sequence:
            self._standing.put(found)
        return found

    async def list(self, collection: Collection, *, limit: int, after: str = "") -> Page:
        """Part of a collection in the order of names, starting behind the name `after`."""
        return await self._read(partial(reads.read_page, collection=collection, limit=limit, after=after))

    async def all(self) -> tuple[int, tuple[Revision, ...]]:
        """Everything, and the sequence of the last change that it includes."""
        return await self._read(reads.read_all)

    async def changes(self, after: int) -> tuple[Change, ...]:
        """What came after a sequence, oldest first; a long log comes in parts, so ask until it is empty."""
        known = self._tail.since(after)
        if known or (self._standing is not None and after >= self._tail.sequence):
            return known
        return await self._read(partial(reads.read_changes, after=after))

    async def wait(self, after: int) -> None:
        """Return as soon as the log holds a sequence above `after`."""
        await self._tail.wait(after)

    async def close(self) -> None:
        """Finish the writes that were accepted, and let go of the database."""
        await self._writer.close()
        if self._follower is not None:
            await asyncio.to_thread(self._follower.stop)
        await asyncio.to_thread(self._readers.shutdown)
        self._database.dispose()

    def _took(self, changes: tuple[Change, ...]) -> None:
        """Changes of this process became durable."""
        if self._standing is not None:
            self._standing.take(changes)
        self._tail.take(changes)

    async def _read(self, work: Callable[[Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._readers, _read, self._database, work)


def _checkpoints(database: Database, executor: Executor) -> Callable[[int], None]:
    """What to call with the number of writes of each group."""
    if database.fold is None:
        return lambda _writes: None
    return Checkpoints(partial(database.fold, database.reader), executor).note


def _opened(database: Database, at_ms: int, migrating: Migrating) -> tuple[bytes, int]:
    try:
        return prepare(database, at_ms, migrating), _read(database, reads.read_last_sequence)
    except BaseException:
        database.dispose()
        raise


def _read(database: Database, work: Callable[[Connection], T]) -> T:
    """Carry out a read in one transaction, so that all it sees belongs together."""
    try:
        with database.reader.begin() as connection:
            return work(connection)
    except DBAPIError as error:
        raise Unavailable(f"the database can't be read: {error.orig}") from error
