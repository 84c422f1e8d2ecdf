"""The audit log in a database: what goes along with writes, what waits, what is lost."""

import asyncio
import datetime
import json
from collections.abc import AsyncIterator, Callable

import pytest
from sqlalchemy import URL, Connection

from gossamer.clock import FixedClock
from gossamer.errors import Unavailable
from gossamer.model.kind import Kind, Ref
from gossamer.model.mesh import MeshSpec
from gossamer.store.audit import AuditLog, AuditQuery
from gossamer.store.audit_event import AuditEvent, Error, Identity
from gossamer.store.sql import SqlStore
from gossamer.store.store import Author, Rules

OWNER = "000000000000"
SOMEBODY = f"arn:aws:iam::{OWNER}:user/a"
NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
async def store(url: URL, clock: FixedClock) -> AsyncIterator[SqlStore]:
    found = await SqlStore.open(url, rules=Rules(), clock=clock)
    yield found
    await found.close()


async def some_write(store: SqlStore, mesh: str = "m") -> None:
    """A write of a mesh, which somebody waits for."""
    await store.create(Ref(OWNER, mesh, Kind.MESH, mesh), MeshSpec(), author=Author(OWNER, SOMEBODY))


def event(name: str, at: datetime.datetime = NOW, error: Error | None = None) -> AuditEvent:
    identity = Identity(OWNER, SOMEBODY, "key")
    return AuditEvent(at=at, name=name, identity=identity, region="us-west-2", source="::1", error=error)


async def names(log: AuditLog, **query: object) -> list[str]:
    """The entries that a query finds."""
    await log.flush()
    found = await log.find(AuditQuery(**query))  # type: ignore[arg-type]  # each test gives what its member takes
    return [json.loads(record)["eventName"] for record in found.records]


async def test_an_entry_that_no_database_takes_is_lost_alone(store: SqlStore) -> None:
    for name in ("A", "\ud800", "B"):
        store.audit.note(event(name))
    assert await names(store.audit) == ["B", "A"]


async def found(log: AuditLog) -> list[str]:
    """The entries that are written already."""
    return [json.loads(record)["eventName"] for record in (await log.find(AuditQuery())).records]


async def test_entries_go_along_with_the_next_write(store: SqlStore) -> None:
    for name in ("A", "B"):
        store.audit.note(event(name))
    assert await found(store.audit) == []
    await some_write(store)
    assert await found(store.audit) == ["B", "A"]


async def test_an_entry_that_no_database_takes_keeps_no_write_back_that_it_went_along_with(
    store: SqlStore,
) -> None:
    for name in ("A", "\ud800", "B"):
        store.audit.note(event(name))
    await some_write(store)
    assert await found(store.audit) == []
    await some_write(store, "other")
    assert await found(store.audit) == [], "what was not written goes along with no other write"
    assert await names(store.audit) == ["B", "A"]


async def test_entries_that_the_next_write_takes_along_get_no_write_of_their_own(
    store: SqlStore, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[list[str]] = []
    wrote = asyncio.Event()

    async def write(work: Callable[[Connection], None]) -> None:
        await store._writer.do(work)
        written.append(await found(store.audit))
        wrote.set()

    log = AuditLog(store._read, write, clock)
    store._writer.along = log.along

    async def moments() -> AsyncIterator[None]:
        # In the first there is a write, and an entry behind it; in the second there is none.
        await some_write(store)
        log.note(event("B"))
        yield
        assert written == []
        yield

    moment = moments()

    async def sleep(_: float) -> None:
        await anext(moment)

    monkeypatch.setattr("gossamer.store.audit.asyncio.sleep", sleep)
    log.note(event("A"))
    running = asyncio.ensure_future(log.run())
    await asyncio.wait((running, asyncio.ensure_future(wrote.wait())), return_when=asyncio.FIRST_COMPLETED)
    running.cancel()
    assert written == [["B", "A"]]


async def test_the_log_is_found_by_what_it_tells(store: SqlStore) -> None:
    hour = datetime.timedelta(hours=1)
    store.audit.note(event("A"))
    store.audit.note(event("B", NOW + hour, Error("NotFoundException", "no")))
    store.audit.note(event("C", NOW + 2 * hour))
    assert await names(store.audit) == ["C", "B", "A"]
    assert await names(store.audit, error="NotFoundException") == ["B"]
    assert await names(store.audit, since=NOW + hour, until=NOW + 2 * hour) == ["B"]
    who = {"principal": SOMEBODY, "account": OWNER, "key": "key"}
    assert await names(store.audit, **who, limit=2) == ["C", "B"]
    assert await names(store.audit, source="127.0.0.1") == []
    assert await names(store.audit, is_read_only=True) == []


async def test_old_entries_go(store: SqlStore, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    for day in range(5):
        store.audit.note(event(str(day), NOW + datetime.timedelta(days=day)))
    await store.audit.flush()
    clock.at = NOW + datetime.timedelta(days=5)

    class Enough(Exception):
        """One round is over."""

    async def stop(_: float) -> None:
        raise Enough

    monkeypatch.setattr("gossamer.store.audit.asyncio.sleep", stop)
    with pytest.raises(Enough):
        await store.audit.sweep(2)
    assert await names(store.audit) == ["4", "3"]


async def test_entries_that_could_not_be_written_wait(store: SqlStore, clock: FixedClock) -> None:
    is_broken = True

    async def write(work: object) -> None:
        if is_broken:
            raise Unavailable("the disk is full")
        await store._writer.do(work)  # type: ignore[arg-type]  # it is the log's own

    log = AuditLog(store._read, write, clock)
    for name in ("A", "B"):
        log.note(event(name))
    with pytest.raises(Unavailable):
        await log.flush()
    is_broken = False
    assert await names(log) == ["B", "A"]
