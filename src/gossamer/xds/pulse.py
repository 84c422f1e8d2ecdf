"""One timer for all streams that wait for time to pass: each of them alone would set one for every push."""

import asyncio
from collections.abc import Callable
from typing import Final

#: How often streams that wait for something look at the clock.
PULSE_S: Final = 1.0


class Pulse:
    """Calls whoever asked since the last time, once. Belongs to one event loop."""

    def __init__(self) -> None:
        self._waiting: set[Callable[[], None]] = set()
        self._timer: asyncio.TimerHandle | None = None

    def await_next(self, called: Callable[[], None]) -> None:
        """Be called within a second."""
        self._waiting.add(called)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(PULSE_S, self._beat)

    def forget(self, called: Callable[[], None]) -> None:
        """Be called no more."""
        self._waiting.discard(called)

    def _beat(self) -> None:
        waiting, self._waiting, self._timer = self._waiting, set(), None
        for called in waiting:
            called()
