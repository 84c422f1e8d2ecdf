"""What happens, for those who listen: nobody misses a change, and nobody is waited for."""

import asyncio

from gossamer.clock import SystemClock
from gossamer.insight.feed import RECENT, Feed
from gossamer.model.kind import Kind, MeshKey, Ref
from gossamer.store.store import Change


class Log:
    """A store of which only the log is asked."""

    def __init__(self, length: int) -> None:
        self.length = length
        self.asked = 0

    async def changes(self, after: int) -> tuple[Change, ...]:
        self.asked += 1
        return tuple(map(change, range(after + 1, self.length + 1)))


def change(sequence: int) -> Change:
    return Change(sequence, Ref("0", "m", Kind.MESH, "m"), None, None, "delete", "somebody")


def feed(log: Log) -> Feed:
    return Feed(log, None, None, None, SystemClock())  # type: ignore[arg-type]  # only the log is asked


async def told(found: Feed, after: int) -> list[int]:
    return [one.sequence for one in await found.changes(after)]


async def test_what_came_of_late_is_told_without_asking_the_store() -> None:
    log = Log(9)
    found = feed(log)
    found.begin(4)
    assert await told(found, 4) == []
    found.take((change(5), change(6)))
    assert await told(found, 4) == [5, 6]
    assert await told(found, 5) == [6]
    assert log.asked == 0


async def test_what_is_no_longer_at_hand_comes_from_the_log_as_far_as_it_was_taken_in() -> None:
    log = Log(RECENT + 100)
    found = feed(log)
    found.take(tuple(map(change, range(1, RECENT + 51))))
    assert (await told(found, 10))[:2] == [11, 12]
    assert (await told(found, 10))[-1] == RECENT + 50


async def test_of_a_mesh_that_is_gone_nothing_is_kept_while_nobody_listens() -> None:
    found = feed(Log(0))
    found.problems[MeshKey("0", "m")] = 1
    found.take((change(1),))
    assert found.problems == {}


async def test_a_change_wakes_who_waits_and_so_does_the_end() -> None:
    found = feed(Log(0))
    async with asyncio.timeout(90), asyncio.TaskGroup() as tasks:
        waiting = [tasks.create_task(found.wait(100)) for _ in range(2)]
        await asyncio.sleep(0)
        found.take((change(1),))
        await asyncio.gather(*waiting)
        last = tasks.create_task(found.wait(100))
        await asyncio.sleep(0)
        found.close()
        await last
    assert found.is_over
