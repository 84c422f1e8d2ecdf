"""Client tokens: how a repeated request is recognised, and for how long."""

import asyncio
import datetime
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import URL

from gossamer.clock import FixedClock
from gossamer.errors import Conflict
from gossamer.model.kind import Kind
from gossamer.store.sql import SqlStore
from gossamer.store.store import Author, Rules
from tests.store.test_store import ACCOUNT, AUTHOR, MESH, NODE, ref, spec

PLACE = ref(Kind.VIRTUAL_NODE, "n")
FULL = spec(Kind.VIRTUAL_NODE, NODE)
EMPTY = spec(Kind.VIRTUAL_NODE, {})
TOKEN = Author(ACCOUNT, AUTHOR.principal, "token")


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC))


@pytest.fixture
async def store(url: URL, clock: FixedClock) -> AsyncIterator[SqlStore]:
    found = await SqlStore.open(url, rules=Rules(), clock=clock)
    await found.create(MESH, spec(Kind.MESH, {}), author=AUTHOR)
    yield found
    await found.close()


async def test_a_repeated_request_adds_nothing_to_the_log(store: SqlStore) -> None:
    await store.create(PLACE, FULL, author=TOKEN)
    sequence, _ = await store.all()
    await store.create(PLACE, FULL, author=TOKEN)
    assert await store.changes(sequence) == ()


async def test_a_repeated_update_does_not_undo_what_came_between(store: SqlStore) -> None:
    await store.create(PLACE, FULL, author=AUTHOR)
    await store.update(PLACE, EMPTY, author=TOKEN)
    between = await store.update(PLACE, FULL, author=AUTHOR)
    assert await store.update(PLACE, EMPTY, author=TOKEN) == between


async def test_the_same_request_twice_at_once_is_carried_out_once(store: SqlStore) -> None:
    outcomes = await asyncio.gather(*(store.create(PLACE, FULL, author=TOKEN) for _ in range(5)))
    assert len({one.uid for one in outcomes}) == 1


async def test_tags_are_part_of_a_request_and_their_order_is_not(store: SqlStore) -> None:
    first = await store.create(PLACE, FULL, author=TOKEN, tags={"a": "1", "b": "2"})
    assert await store.create(PLACE, FULL, author=TOKEN, tags={"b": "2", "a": "1"}) == first
    with pytest.raises(Conflict, match="token"):
        await store.create(PLACE, FULL, author=TOKEN, tags={"a": "1"})


async def test_a_token_is_of_one_operation_and_one_caller(store: SqlStore) -> None:
    await store.create(PLACE, FULL, author=TOKEN)
    assert (await store.update(PLACE, EMPTY, author=TOKEN)).version == 2
    other = Author(ACCOUNT, "arn:aws:iam::000000000000:user/other", "token")
    assert (await store.update(PLACE, FULL, author=other)).version == 3
    with pytest.raises(Conflict, match="token"):
        await store.create(ref(Kind.VIRTUAL_NODE, "n2"), FULL, author=TOKEN)


async def test_after_a_deletion_the_same_request_counts_anew(store: SqlStore) -> None:
    first = await store.create(PLACE, FULL, author=TOKEN)
    await store.delete(PLACE, author=AUTHOR)
    second = await store.create(PLACE, FULL, author=TOKEN)
    assert second.uid != first.uid
    assert await store.create(PLACE, FULL, author=TOKEN) == second


async def test_a_token_is_forgotten_after_a_day(store: SqlStore, clock: FixedClock) -> None:
    await store.create(PLACE, FULL, author=TOKEN)
    clock.at += datetime.timedelta(hours=25)
    place = ref(Kind.VIRTUAL_NODE, "n2")
    assert (await store.create(place, EMPTY, author=TOKEN)).version == 1


async def test_times_are_told_to_the_millisecond_and_updates_move_one_of_them(
    store: SqlStore, clock: FixedClock
) -> None:
    clock.at += datetime.timedelta(microseconds=123_456)
    created = await store.create(PLACE, FULL, author=AUTHOR)
    assert created.created_at == created.last_updated_at
    assert created.created_at.microsecond == 123_000
    clock.at += datetime.timedelta(seconds=5)
    updated = await store.update(PLACE, EMPTY, author=AUTHOR)
    assert updated.created_at == created.created_at
    assert updated.last_updated_at - created.created_at == datetime.timedelta(seconds=5)
    clock.at += datetime.timedelta(seconds=5)
    deleted = await store.delete(PLACE, author=AUTHOR)
    assert deleted.last_updated_at - created.created_at == datetime.timedelta(seconds=10)


async def test_a_deleted_mesh_keeps_its_version(store: SqlStore) -> None:
    assert (await store.delete(MESH, author=AUTHOR)).version == 1
