"""Which proxies came, changed and left, in the order in which they did.

Each happening has a number. A reader remembers the last one that they saw, and is told what came after it:
each proxy once, as it is by now. So a reader that is slow skips what was in between, and holds nobody up.
Those that left are remembered until every reader knows; while nobody reads, nothing is.
"""

import contextlib
from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import Final

from gossamer.xds.status import ProxyStatus

#: How many of those that left are remembered at most, for a reader that takes long.
MOST_GONE: Final = 10_000


@dataclass(eq=False, slots=True)
class Reader:
    """One who reads, and how far they have come."""

    register: "Register"
    number: int

    def news(self) -> list[tuple[ProxyStatus, bool]]:
        """Those that came, changed or left since the last look, and whether they left; the latest last."""
        found = self.register.since(self.number)
        self.number = self.register.number
        self.register.forget()
        return found


class Register:
    """The proxies of one process. Belongs to one event loop."""

    def __init__(self, most_gone: int = MOST_GONE) -> None:
        self.number = 0
        self._here: OrderedDict[int, tuple[int, ProxyStatus]] = OrderedDict()
        self._gone: deque[tuple[int, ProxyStatus]] = deque(maxlen=most_gone)
        self._readers: set[Reader] = set()

    @contextlib.contextmanager
    def reading(self) -> Iterator[Reader]:
        """One who reads from now on, until the block ends."""
        reader = Reader(self, self.number)
        self._readers.add(reader)
        try:
            yield reader
        finally:
            self._readers.discard(reader)
            self.forget()

    def note(self, status: ProxyStatus) -> None:
        """A proxy came, or something about it changed."""
        self.number += 1
        if self._readers:
            self._here[status.stream] = (self.number, status)
            self._here.move_to_end(status.stream)

    def leave(self, status: ProxyStatus) -> None:
        """A proxy left."""
        self.number += 1
        self._here.pop(status.stream, None)
        if self._readers:
            self._gone.append((self.number, status))

    def forget(self) -> None:
        """Let go of those that left and of whom every reader was told; of all, once nobody reads."""
        if not self._readers:
            self._here.clear()
        told = min((reader.number for reader in self._readers), default=self.number)
        while self._gone and self._gone[0][0] <= told:
            self._gone.popleft()

    def since(self, number: int) -> list[tuple[ProxyStatus, bool]]:
        """Those that came, changed or left after a happening, and whether they left; the latest come last."""
        here = takewhile(lambda one: one[0] > number, reversed(self._here.values()))
        gone = takewhile(lambda one: one[0] > number, reversed(self._gone))
        found = sorted(
            [*((*one, False) for one in here), *((*one, True) for one in gone)], key=lambda one: one[0]
        )
        return [(status, is_gone) for _, status, is_gone in found]
