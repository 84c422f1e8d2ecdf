"""How writes come to share a transaction."""

import asyncio
from pathlib import Path

from sqlalchemy import Connection

from gossamer.store.engine import open_database, prepare, sqlite_url
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
