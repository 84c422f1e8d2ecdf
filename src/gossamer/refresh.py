"""Keeps answers to a changing set of questions fresh: asks again and again, and goes on with the last answer.

One task a question. While the other side is down, it is asked less and less often, and not by all at once.
"""

import asyncio
import datetime
from collections.abc import Awaitable, Callable, Hashable, Iterable
from dataclasses import dataclass
from random import Random
from typing import Final, Generic, TypeVar

from gossamer.clock import Clock
from gossamer.errors import MeshError

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

#: Questions are spread over a tenth of the interval around it.
SPREAD: Final = 0.1


@dataclass(frozen=True, slots=True)
class Pace:
    """How often to ask, in seconds, and how long at most to wait when nobody answers."""

    every_s: float
    at_most_s: float = 60.0

    def pause_s(self, failures: int, random: Random) -> float:
        """How long to wait after so many failures in a row: longer each time, and never all together."""
        if failures == 0:
            return self.every_s * (1 - SPREAD + 2 * SPREAD * random.random())
        longest = min(self.every_s * 2.0 ** min(failures, 16), max(self.at_most_s, self.every_s))
        return longest * (0.5 + random.random() / 2)


class Refresher(Generic[K, V]):
    """The questions that are asked now, and the newest answer to each.

    `doubts` says in words why an answer may be old. `on_change` hears of every new answer and every doubt.
    """

    def __init__(
        self,
        ask: Callable[[K], Awaitable[V]],
        pace: Pace,
        clock: Clock,
        random: Random,
        on_change: Callable[[], None],
    ) -> None:
        self.found: dict[K, V] = {}
        self.doubts: dict[K, str] = {}
        self._ask = ask
        self._pace = pace
        self._clock = clock
        self._random = random
        self._on_change = on_change
        self._wanted: frozenset[K] = frozenset()
        self._changed = asyncio.Event()

    def want(self, questions: Iterable[K]) -> None:
        """Ask these, and no others; answers to what is asked no more are forgotten."""
        wanted = frozenset(questions)
        if wanted != self._wanted:
            self._wanted = wanted
            self._changed.set()

    async def run(self) -> None:
        """Ask for ever."""
        running: dict[K, asyncio.Task[None]] = {}
        async with asyncio.TaskGroup() as tasks:
            while True:
                self._changed.clear()
                for question in running.keys() - self._wanted:
                    running.pop(question).cancel()
                    self.found.pop(question, None)
                    self.doubts.pop(question, None)
                for question in self._wanted - running.keys():
                    running[question] = tasks.create_task(self._keep(question), name=f"ask {question}")
                await self._changed.wait()

    async def _keep(self, question: K) -> None:
        failures = 0
        since: datetime.datetime | None = None
        while True:
            try:
                answer = await self._ask(question)
            except MeshError as error:
                failures, since = failures + 1, since or self._clock.now()
                self._doubt(question, f"{error}, since {since:%Y-%m-%d %H:%M:%S} UTC")
            else:
                failures, since = 0, None
                self._answer(question, answer)
            await asyncio.sleep(self._pace.pause_s(failures, self._random))

    def _answer(self, question: K, answer: V) -> None:
        doubted = self.doubts.pop(question, None)
        if doubted or question not in self.found or self.found[question] != answer:
            self.found[question] = answer
            self._on_change()

    def _doubt(self, question: K, why: str) -> None:
        if self.doubts.get(question) != why:
            self.doubts[question] = why
            self._on_change()
