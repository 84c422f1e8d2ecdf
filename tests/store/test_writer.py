"""How writes come to share a transaction."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from gossamer.store import access_tables
from gossamer.store.engine import open_database, prepare, sqlite_url
from gossamer.store.log import Written
from gossamer.store.shares import every
from gossamer.store.writer import Writer


def nothing(_: Connection) -> None:
    """A write that writes nothing."""


def writer(path: Path, groups: list[int]) -> Writer:
    database = open_database(sqlite_url(path / "store.db"))
    prepare(database, 0)
    return Writer(database, lambda _: None, groups.append)


async def test_writes_that_arrive_together_share_a_transaction(tmp_path: Path) -> None:
    groups: list[int] = []
    one = writer(tmp_path, groups)
    await asyncio.gather(*(one.do(nothing) for _ in range(16)))
    await one.close()
    assert groups == [16]


async def test_writes_that_follow_in_the_next_turns_of_the_loop_share_it_too(tmp_path: Path) -> None:
    groups: list[int] = []
    one = writer(tmp_path, groups)

    async def later(turns: int) -> None:
        for _ in range(turns):
            await asyncio.sleep(0)
        await one.do(nothing)

    await asyncio.gather(*(later(turns) for turns in (0, 0, 1, 2)))
    await one.close()
    assert groups == [4]


async def one_and_many_after_many(path: Path, patience_s: float) -> list[int]:
    """The groups when sixteen write together, then one of them, and the others many turns later."""
    groups: list[int] = []
    one = writer(path, groups)
    one.patience_s = patience_s
    await asyncio.gather(*(one.do(nothing) for _ in range(16)))
    first = asyncio.ensure_future(one.do(nothing))
    if patience_s:
        for _ in range(50):
            await asyncio.sleep(0)
    else:
        await first
    await asyncio.gather(first, *(one.do(nothing) for _ in range(15)))
    await one.close()
    return groups


async def test_the_first_of_those_who_wrote_together_waits_for_the_others(tmp_path: Path) -> None:
    assert await one_and_many_after_many(tmp_path, patience_s=60) == [16, 16]


async def test_it_does_not_wait_for_long(tmp_path: Path) -> None:
    assert await one_and_many_after_many(tmp_path, patience_s=0) == [16, 1, 15]


async def test_what_nobody_waits_for_goes_along_with_the_next_writes(tmp_path: Path) -> None:
    groups: list[int] = []
    heard: list[asyncio.Future[Written | None]] = []
    one = writer(tmp_path, groups)
    one.along = lambda writes: [(nothing, heard.append)] * (writes // 2)
    await asyncio.gather(*(one.do(nothing) for _ in range(4)))
    await one.close()
    assert groups == [6]
    assert [answer.exception() for answer in heard] == [None, None]


async def test_a_writer_that_is_closed_finishes_what_has_only_just_arrived(tmp_path: Path) -> None:
    groups: list[int] = []
    one = writer(tmp_path, groups)
    async with asyncio.TaskGroup() as tasks:
        writing = tasks.create_task(one.do(nothing))
        await asyncio.sleep(0)
        assert one.waiting == 1
        await one.close()
    assert writing.done()
    assert groups == [1]
    assert one.waiting == 0


class Broken(Exception):
    """A rule that a write breaks."""


async def test_a_write_that_fails_halfway_takes_back_itself_and_nothing_of_its_group(tmp_path: Path) -> None:
    groups: list[int] = []
    one = writer(tmp_path, groups)

    def shares(name: str, *, breaks: bool = False) -> Callable[[Connection], None]:
        def work(connection: Connection) -> None:
            row = {"account": "1", "mesh": name, "consumer": "2", "created_at": 0}
            connection.execute(access_tables.ADD_SHARE, row)
            if breaks:
                raise Broken(name)

        return work

    works = [shares("a"), shares("b", breaks=True), shares("c"), shares("a")]
    outcomes = await asyncio.gather(*map(one.do, works), return_exceptions=True)
    await one.close()
    assert [type(outcome) for outcome in outcomes] == [type(None), Broken, type(None), IntegrityError]
    assert groups == [4]
    with open_database(sqlite_url(tmp_path / "store.db")).reader.connect() as connection:
        assert [share.mesh.mesh for share in every(connection)] == ["a", "c"]


async def test_writes_that_fail_before_they_write_anything_need_no_second_attempt(tmp_path: Path) -> None:
    one = writer(tmp_path, [])
    attempts: list[str] = []

    def refuses(_: Connection) -> None:
        attempts.append("refuses")
        raise Broken

    outcomes = await asyncio.gather(one.do(refuses), one.do(nothing), return_exceptions=True)
    await one.close()
    assert [type(outcome) for outcome in outcomes] == [Broken, type(None)]
    assert attempts == ["refuses"]
