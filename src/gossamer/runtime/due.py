"""What is due to be published, in slices of time: a change that touches thousands holds nobody else up.

Between two slices the event loop goes round, so calls are answered, acks are heard, and a newer change joins
what is still due, which is then published once. A change that takes less than a slice is published at once.
"""

import time
from collections.abc import Callable, Hashable, Iterable
from typing import Final, Generic, TypeVar

from gossamer.telemetry.cause import Cause

K = TypeVar("K", bound=Hashable)

#: How long publishing may keep the event loop.
SLICE_S: Final = 0.02


class Due(Generic[K]):
    """Keys in their order, each with the first change that made it due.

    `later` has something called soon; without it everything is published at once.
    """

    def __init__(self, publish: Callable[[K, Cause | None], None], slice_s: float = SLICE_S) -> None:
        self.later: Callable[[Callable[[], None]], object] | None = None
        self._publish = publish
        self._slice_s = slice_s
        self._keys: dict[K, Cause | None] = {}
        self._is_later = False

    def add(self, keys: Iterable[K], cause: Cause | None) -> None:
        """These are due."""
        for key in keys:
            self._keys.setdefault(key, cause)
        if not self._is_later:
            self._go_on()

    def now(self, key: K) -> None:
        """Publish this one now, if it is due: somebody looks at it."""
        if key in self._keys:
            self._publish(key, self._keys.pop(key))

    def __len__(self) -> int:
        """How many are due."""
        return len(self._keys)

    def _go_on(self) -> None:
        until = time.monotonic() + self._slice_s
        self._is_later = False
        while self._keys:
            self.now(next(iter(self._keys)))
            if self._keys and self.later is not None and time.monotonic() >= until:
                self._is_later = True
                self.later(self._go_on)
                return
