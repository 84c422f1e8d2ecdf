"""How often an account may call: a bucket of tokens for each, filled at a steady rate.

Source: App Mesh API, TooManyRequestsException; the managed service's rates were never published, so there is
none by default.
"""

import datetime
from dataclasses import dataclass
from typing import Final

from gossamer.api.call import Call
from gossamer.api.gate import Gate
from gossamer.api.request import Caller, Request
from gossamer.clock import Clock
from gossamer.errors import Throttled

#: How many seconds' worth of calls may come at once after a rest.
BURST_S: Final = 2


@dataclass(slots=True)
class _Bucket:
    """What is left of an account's calls, and when that was counted."""

    left: float
    at: datetime.datetime


class ThrottlingGate:
    """Another gate that also counts: so many calls a second, by account."""

    def __init__(self, inner: Gate, calls_per_second: int, clock: Clock) -> None:
        self._inner = inner
        self._rate = calls_per_second
        self._most = float(calls_per_second * BURST_S)
        self._clock = clock
        self._buckets: dict[str, _Bucket] = {}

    def authenticate(self, call: Call) -> Caller:
        """Whoever sent a call, if their account has not called too often.

        Raises: Refused, Throttled.
        """
        caller = self._inner.authenticate(call)
        now = self._clock.now()
        bucket = self._buckets.setdefault(caller.account, _Bucket(self._most, now))
        since_s = max((now - bucket.at).total_seconds(), 0.0)
        bucket.left, bucket.at = min(self._most, bucket.left + since_s * self._rate), now
        if bucket.left < 1:
            raise Throttled(f"Rate exceeded: at most {self._rate} calls a second")
        bucket.left -= 1
        return caller

    def glance(self, call: Call) -> None:
        """As the other gate does."""
        self._inner.glance(call)

    async def authorize(self, request: Request) -> None:
        """As the other gate does."""
        await self._inner.authorize(request)

    def answered(self, call: Call, status: int) -> None:
        """As the other gate does."""
        self._inner.answered(call, status)
