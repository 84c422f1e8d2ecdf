import asyncio
from random import Random

import pytest

from gossamer.clock import SystemClock
from gossamer.errors import Unavailable
from gossamer.refresh import Pace, Refresher

FAST = Pace(every_s=0.001, at_most_s=0.002)


def test_pauses_grow_while_nobody_answers_up_to_the_longest() -> None:
    pace, random = Pace(every_s=1, at_most_s=60), Random(1)
    assert [0.9 <= pace.pause_s(0, random) <= 1.1 for _ in range(20)] == [True] * 20
    for failures, longest in ((1, 2), (3, 8), (6, 60), (1000, 60)):
        pauses = [pace.pause_s(failures, random) for _ in range(50)]
        assert longest / 2 <= min(pauses) <= max(pauses) <= longest
        assert len(set(pauses)) == 50, "all ask at once"


class Other:
    """The other side: what it answers, and what it was asked."""

    def __init__(self) -> None:
        self.answer: str | None = "one"
        self.asked: list[str] = []
        self.told = asyncio.Event()

    async def ask(self, question: str) -> str:
        self.asked.append(question)
        if self.answer is None:
            raise Unavailable("nobody is there")
        return f"{question} {self.answer}"


@pytest.fixture
def other() -> Other:
    return Other()


@pytest.fixture
async def refresher(other: Other) -> Refresher[str, str]:
    return Refresher(other.ask, FAST, SystemClock(), Random(1), other.told.set)


async def told(other: Other) -> None:
    await asyncio.wait_for(other.told.wait(), 60)
    other.told.clear()


async def test_an_answer_is_kept_fresh_and_survives_silence(
    other: Other, refresher: Refresher[str, str]
) -> None:
    running = asyncio.ensure_future(refresher.run())
    refresher.want({"a"})
    await told(other)
    assert refresher.found == {"a": "a one"}
    other.answer = None
    await told(other)
    assert refresher.found == {"a": "a one"}
    assert refresher.doubts["a"].startswith("nobody is there, since ")
    other.answer = "two"
    await told(other)
    assert (refresher.found, refresher.doubts) == ({"a": "a two"}, {})
    running.cancel()


async def test_what_is_wanted_no_more_is_forgotten_and_not_asked(
    other: Other, refresher: Refresher[str, str]
) -> None:
    running = asyncio.ensure_future(refresher.run())
    refresher.want({"a", "b"})
    while len(refresher.found) < 2:
        await told(other)
    refresher.want({"b"})
    while refresher.found != {"b": "b one"}:
        await asyncio.sleep(0)
    other.asked.clear()
    while len(other.asked) < 5:
        await asyncio.sleep(0.001)
    assert set(other.asked) == {"b"}
    running.cancel()
