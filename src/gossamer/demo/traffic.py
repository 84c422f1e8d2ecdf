"""What the stage tells about its requests, counted."""

import asyncio
import json
import math
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any, Final

#: How many of the latest requests the live picture is drawn from.
WINDOW: Final = 400

OK: Final = 200


@dataclass(frozen=True, slots=True)
class Answered:
    """One request: when it began (seconds since 1970), how long it took, and who answered."""

    begun: float
    took_ms: float
    status: int
    who: str


@dataclass(slots=True)
class Traffic:
    """Everything that was asked and answered. `failures` are requests that did not come back with 200."""

    window: deque[Answered] = field(default_factory=lambda: deque(maxlen=WINDOW))
    failures: list[Answered] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    total: int = 0
    _since: float = 0.0
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, line: bytes) -> dict[str, Any]:
        """Take one line of the stage; returns it."""
        message: dict[str, Any] = json.loads(line)
        if "request" in message:
            self._count(Answered(*message["request"]))
        return message

    def count_from(self, begun: float) -> None:
        """Count anew, and only requests that begin from now on."""
        self._since = begun
        self.counts.clear()
        self.window.clear()

    async def until(self, count: int) -> None:
        """Return when so many requests have been counted, or one has failed."""
        while self.counts.total() < count and not self.failures:
            self._changed.clear()
            await self._changed.wait()

    def latency_ms(self, quantile: float) -> float:
        """A quantile of the latest requests' times."""
        times = sorted(one.took_ms for one in self.window)
        return times[math.ceil(quantile * len(times)) - 1] if times else 0.0

    def rate(self) -> float:
        """Requests a second, of the latest."""
        if len(self.window) < 2:  # noqa: PLR2004 - a rate needs two points
            return 0.0
        spread = self.window[-1].begun - self.window[0].begun
        return (len(self.window) - 1) / spread if spread > 0 else 0.0

    def _count(self, answered: Answered) -> None:
        self.total += 1
        if answered.status != OK:
            self.failures.append(answered)
        elif answered.begun >= self._since:
            self.counts[answered.who] += 1
            self.window.append(answered)
        self._changed.set()
