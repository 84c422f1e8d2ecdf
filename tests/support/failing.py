"""Applications that fail for a while, or hold their answers back, so that a test sees what the proxies do."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

from tests.support.answering import App, Reply, Seen

Answering = Callable[[Seen], Awaitable[Reply]]


def first(times: int, reply: Reply) -> Answering:
    """Answer the first requests like this, and all later ones as usual."""
    left = [reply] * times

    async def answer(_: Seen) -> Reply:
        return left.pop() if left else Reply()

    return answer


def always(reply: Reply) -> Answering:
    """Answer every request like this."""

    async def answer(_: Seen) -> Reply:
        return reply

    return answer


@dataclass
class Held:
    """Requests that wait until they are let go; `most` holds only so many of them."""

    reply: Reply = field(default_factory=Reply)
    most: int | None = None
    waiting: int = 0
    _free: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, _: Seen) -> Reply:
        if self._free.is_set() or (self.most is not None and self.waiting >= self.most):
            return Reply()
        self.waiting += 1
        await self._free.wait()
        return self.reply

    async def are(self, count: int) -> None:
        """Return once so many wait."""
        async with asyncio.timeout(60):
            while self.waiting < count:
                await asyncio.sleep(0.01)

    def let_go(self) -> None:
        """Answer all that wait, and hold no more."""
        self._free.set()


@contextlib.contextmanager
def holding(app: App, reply: Reply | None = None, most: int | None = None) -> Iterator[Held]:
    """Have an application hold its answers back, at the longest for as long as the block takes."""
    held = app.reply = Held(reply or Reply(), most)
    try:
        yield held
    finally:
        held.let_go()
