"""What is answered without asking the database is what the database holds."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import URL

from gossamer.clock import SystemClock
from gossamer.errors import NotFound
from gossamer.model.kind import Kind, Ref
from gossamer.model.revision import Revision
from gossamer.model.specs import spec_from_json
from gossamer.store import reads
from gossamer.store.engine import sqlite_url
from gossamer.store.sql import SqlStore
from gossamer.store.standing import Standing
from gossamer.store.store import Author, Change, Desk, Rules
from gossamer.store.tail import Tail

AUTHOR = Author("0", "arn:aws:iam::0:root")
MESH = Ref("0", "m", Kind.MESH, "m")
OPEN, SHUT = (
    spec_from_json(Kind.MESH, json.dumps({"egressFilter": {"type": one}}))
    for one in ("ALLOW_ALL", "DROP_ALL")
)


def named(name: str) -> Ref:
    return Ref("0", name, Kind.MESH, name)


def numbered(*sequences: int) -> tuple[Change, ...]:
    return tuple(Change(one, MESH, None, None, "delete", "") for one in sequences)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    found = await SqlStore.open(sqlite_url(tmp_path / "store.db"), rules=Rules(), clock=SystemClock())
    await found.create(MESH, OPEN, author=AUTHOR)
    yield found
    await found.close()


async def opened(url: URL) -> SqlStore:
    return await SqlStore.open(url, rules=Rules(), clock=SystemClock())


async def test_what_a_reader_gets_is_what_was_written_last_through_any_way_of_writing(url: URL) -> None:
    store = await opened(url)
    await store.create(MESH, OPEN, author=AUTHOR)
    assert (await store.get(MESH)).spec == OPEN
    await store.update(MESH, SHUT, author=AUTHOR)
    assert (await store.get(MESH)).version == 2
    await store.plans.carry_out(lambda desk: desk.update(MESH, OPEN), author=AUTHOR)
    assert (await store.get(MESH)).version == 3
    await store.batches.carry_out(lambda batch: batch.update(MESH, SHUT), author=AUTHOR)
    assert (await store.get(MESH)).version == 4
    await store.tags.put(MESH, {"k": "v"}, author=AUTHOR)
    standing = await store.get(MESH)
    await store.close()
    again = await opened(url)
    assert await again.get(MESH) == standing
    await again.delete(MESH, author=AUTHOR)
    with pytest.raises(NotFound):
        await again.get(MESH)
    await again.close()


async def test_a_reading_that_was_overtaken_by_a_write_is_not_remembered(
    tmp_path: Path, store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.close()
    late = await SqlStore.open(sqlite_url(tmp_path / "store.db"), rules=Rules(), clock=SystemClock())
    has_read, may_return = threading.Event(), threading.Event()
    read = reads.read

    def slowly(*arguments: object, **named: object) -> object:
        found = read(*arguments, **named)  # type: ignore[arg-type]  # handed on as they come
        has_read.set()
        may_return.wait(60)
        return found

    monkeypatch.setattr(reads, "read", slowly)
    async with asyncio.TaskGroup() as tasks:
        reading = tasks.create_task(late.get(MESH))
        await asyncio.to_thread(has_read.wait, 60)
        await late.update(MESH, SHUT, author=AUTHOR)
        may_return.set()
    assert reading.result().spec == OPEN
    assert (await late.get(MESH)).spec == SHUT
    await late.close()


async def test_the_log_tells_every_write_of_a_batch_and_of_a_plan_in_order(url: URL) -> None:
    store = await opened(url)
    one, two = named("one"), named("two")

    def changed(desk: Desk) -> Revision:
        desk.update(one, SHUT)
        return desk.delete(two)

    await store.batches.carry_out(
        lambda batch: [batch.create(ref, OPEN, {}) for ref in (one, two)], author=AUTHOR
    )
    await store.plans.carry_out(changed, author=AUTHOR)
    told = await store.changes(0)
    assert [(change.action, change.ref) for change in told] == [
        *(("create", ref) for ref in (one, two)),
        ("update", one),
        ("delete", two),
    ]
    await store.close()
    again = await opened(url)
    assert await again.changes(0) == told
    await again.close()


async def test_changes_are_told_from_memory_only_as_far_as_none_is_missing() -> None:
    tail = Tail(4)
    tail.take(numbered(5, 6))
    tail.take(numbered(8))
    assert [one.sequence for one in tail.since(4)] == [5, 6]
    assert tail.since(3) == ()
    assert tail.since(6) == ()
    assert [one.sequence for one in tail.since(7)] == [8]
    assert tail.sequence == 8


async def test_only_so_many_resources_are_remembered(store: SqlStore) -> None:
    standing = Standing(most=2)
    for name in ("a", "b", "c"):
        await store.create(named(name), OPEN, author=AUTHOR)
        standing.put(await store.get(named(name)))
    assert standing.get(named("a")) is None
    assert standing.get(named("c")) is not None
