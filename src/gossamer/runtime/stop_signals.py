"""The process is told to stop: the first time in order, the second time at once."""

import asyncio
import signal
from collections.abc import Coroutine
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class StopSignals:
    """SIGTERM and SIGINT, counted."""

    first: asyncio.Event = field(default_factory=asyncio.Event)
    second: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    def heard(cls) -> "StopSignals":
        """Listens to them from now on."""
        found, loop = cls(), asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, found.take)
        return found

    def take(self) -> None:
        """One came."""
        (self.second if self.first.is_set() else self.first).set()

    async def unless_again(self, work: Coroutine[None, None, None]) -> None:
        """Do something, but leave it as it is when a second signal comes."""
        async with asyncio.TaskGroup() as tasks:
            working = tasks.create_task(work, name="hand-over")
            waiting = tasks.create_task(self.second.wait(), name="second-signal")
            await asyncio.wait((working, waiting), return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            working.cancel()
