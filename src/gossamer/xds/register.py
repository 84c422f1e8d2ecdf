"""Which proxies came, changed and left, in the order in which they did.

Each happening has a number. Whoever remembers the last one that they saw is told what came after it: each
proxy once, as it is by now. So a reader that is slow skips what was in between, and holds nobody up.
"""

from collections import OrderedDict, deque
from itertools import takewhile
from typing import Final

from gossamer.xds.status import ProxyStatus

#: How many of those that left are remembered.
MOST_GONE: Final = 10_000


class Register:
    """The proxies of one process. Belongs to one event loop."""

    def __init__(self, most_gone: int = MOST_GONE) -> None:
        self.number = 0
        self._here: OrderedDict[int, tuple[int, ProxyStatus]] = OrderedDict()
        self._gone: deque[tuple[int, ProxyStatus]] = deque(maxlen=most_gone)

    def note(self, status: ProxyStatus) -> None:
        """A proxy came, or something about it changed."""
        self.number += 1
        self._here[status.stream] = (self.number, status)
        self._here.move_to_end(status.stream)

    def leave(self, status: ProxyStatus) -> None:
        """A proxy left."""
        self.number += 1
        self._here.pop(status.stream, None)
        self._gone.append((self.number, status))

    def since(self, number: int) -> list[tuple[ProxyStatus, bool]]:
        """Those that came, changed or left after a happening, and whether they left; the latest come last."""
        here = takewhile(lambda one: one[0] > number, reversed(self._here.values()))
        gone = takewhile(lambda one: one[0] > number, reversed(self._gone))
        found = sorted(
            [*((*one, False) for one in here), *((*one, True) for one in gone)], key=lambda one: one[0]
        )
        return [(status, is_gone) for _, status, is_gone in found]
