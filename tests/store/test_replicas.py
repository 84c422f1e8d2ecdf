"""Several replicas on one PostgreSQL, and a PostgreSQL that goes away."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterable

import pytest
from sqlalchemy import URL

from gossamer.errors import Unavailable
from gossamer.model.kind import Kind, Ref
from gossamer.model.revision import Revision
from gossamer.runtime.follow import Follower
from gossamer.store.sql import SqlStore
from gossamer.store.store import Store
from gossamer.telemetry.cause import Cause
from tests.store.test_store import AUTHOR, MESH, create_node, opened, ref, spec
from tests.support.postgresql_server import PostgresqlServer, programs

pytestmark = pytest.mark.skipif(programs() is None, reason="PostgreSQL is not installed")

COUNT = itertools.count(1)


@pytest.fixture
def url(postgresql: PostgresqlServer) -> URL:
    return postgresql.create_database(f"replicas{next(COUNT)}")


@pytest.fixture
async def pair(url: URL) -> AsyncIterator[tuple[SqlStore, SqlStore]]:
    """Two replicas of one store, with a mesh in it."""
    one, other = await opened(url), await opened(url)
    await one.create(MESH, spec(Kind.MESH, {}), author=AUTHOR)
    yield one, other
    await one.close()
    await other.close()


async def names(store: Store) -> set[str]:
    return {one.ref.name for one in (await store.all())[1]} - {"m"}


async def recovered(store: Store) -> None:
    """Wait until a store reads again."""
    for _ in range(300):
        try:
            await store.all()
        except Unavailable:
            await asyncio.sleep(0.1)
        else:
            return
    raise AssertionError("the store did not recover")


async def test_a_replica_wakes_for_what_another_wrote(pair: tuple[SqlStore, SqlStore]) -> None:
    one, other = pair
    sequence, _ = await other.all()
    waiting = asyncio.ensure_future(other.wait(sequence))
    await create_node(one, "n")
    async with asyncio.timeout(90):
        await waiting
    assert [change.ref.name for change in await other.changes(sequence)] == ["n"]


async def test_two_replicas_at_once_write_one_log_in_which_nothing_is_missing(
    pair: tuple[SqlStore, SqlStore],
) -> None:
    start, _ = await pair[0].all()
    seen: list[int] = []

    async def follow() -> None:
        """Resume behind the last sequence that was seen, as a replica does."""
        after = start
        while len(seen) < 200:
            await pair[1].wait(after)
            seen.extend(change.sequence for change in await pair[1].changes(after))
            after = max(seen, default=after)

    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        tasks.create_task(follow())
        for number in range(200):
            tasks.create_task(create_node(pair[number % 2], f"n{number}"))
    assert seen == sorted(set(seen))
    assert await names(pair[0]) == {f"n{number}" for number in range(200)}


async def test_the_log_is_read_from_the_database_itself(pair: tuple[SqlStore, SqlStore]) -> None:
    one, other = pair
    sequence, _ = await one.all()
    await create_node(one, "n")
    assert [change.ref.name for change in await other.changes(sequence)] == ["n"]


async def test_a_replica_goes_on_after_the_database_was_away(
    pair: tuple[SqlStore, SqlStore], postgresql: PostgresqlServer
) -> None:
    one, other = pair
    await create_node(one, "before")
    postgresql.stop()
    with pytest.raises(Unavailable):
        await create_node(one, "meanwhile")
    with pytest.raises(Unavailable):
        await other.all()
    postgresql.start()
    await recovered(one)
    await recovered(other)
    sequence, _ = await other.all()
    await create_node(one, "after")
    async with asyncio.timeout(90):
        await other.wait(sequence)
    assert await names(other) == {"before", "after"}


async def test_cut_connections_cost_one_answer_at_most(
    pair: tuple[SqlStore, SqlStore], postgresql: PostgresqlServer, url: URL
) -> None:
    one, other = pair
    cut = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{url.database}'"  # noqa: S608 - our own name
    await create_node(one, "before")
    assert len(postgresql.administer(cut)) >= 2
    await recovered(one)
    await create_node(one, "after")
    sequence, _ = await one.all()
    async with asyncio.timeout(90):
        await other.wait(sequence - 1)
    assert await names(other) == {"before", "after"}


async def test_writes_under_a_crash_are_there_if_they_were_answered(
    url: URL, postgresql: PostgresqlServer
) -> None:
    store = await opened(url)
    await store.create(MESH, spec(Kind.MESH, {}), author=AUTHOR)
    answered: set[str] = set()

    async def write(name: str) -> None:
        try:
            await create_node(store, name)
        except Unavailable:
            return
        answered.add(name)

    async with asyncio.TaskGroup() as tasks:
        for step in range(40):
            tasks.create_task(write(f"n{step}"))
            await asyncio.sleep(0)
            if step == 20:
                await asyncio.to_thread(postgresql.stop)
    postgresql.start()
    await recovered(store)
    assert answered <= await names(store)
    await store.update(ref(Kind.MESH, "m"), spec(Kind.MESH, {}), author=AUTHOR)
    await store.close()


class Taken:
    """What a follower was given, in order."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def __call__(self, changes: Iterable[tuple[Ref, Revision | None]], _: Cause | None = None, /) -> None:
        self.names.extend(ref.name for ref, _ in changes)


async def test_whoever_caught_up_has_what_was_answered_before_by_another_replica(
    pair: tuple[SqlStore, SqlStore],
) -> None:
    one, other = pair
    taken = Taken()
    follower = Follower(other, taken, is_shared=True)
    await follower.load()
    for number in range(5):
        await create_node(one, f"n{number}")
        # Nobody follows here: only catching up can have brought it.
        await asyncio.gather(*(follower.catch_up() for _ in range(20)))
        assert taken.names == ["m", *(f"n{step}" for step in range(number + 1))]


async def test_catching_up_says_so_while_the_database_is_away_and_following_goes_on_later(
    pair: tuple[SqlStore, SqlStore], postgresql: PostgresqlServer
) -> None:
    one, other = pair
    taken = Taken()
    follower = Follower(other, taken, is_shared=True)
    await follower.load()
    following = asyncio.ensure_future(follower.follow())
    postgresql.stop()
    with pytest.raises(Unavailable):
        await follower.catch_up()
    postgresql.start()
    await recovered(one)
    await create_node(one, "after")
    async with asyncio.timeout(90):
        while "after" not in taken.names:
            await asyncio.sleep(0.05)
    following.cancel()
