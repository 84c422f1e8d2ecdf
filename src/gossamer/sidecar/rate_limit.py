"""Pure: how often the agent's interface answers; one limit for all who ask.

Source: App Mesh user guide, the agent for Envoy: ten requests a second, twenty at once.
"""

from typing import Final

PER_SECOND: Final = 10.0
AT_ONCE: Final = 20.0


class RateLimit:
    """A bucket that fills by the second and is emptied by requests; time is the caller's, in seconds."""

    def __init__(self, per_second: float = PER_SECOND, at_once: float = AT_ONCE) -> None:
        self._per_second = per_second
        self._at_once = at_once
        self._left = at_once
        self._seen_at: float | None = None

    def admits(self, now: float) -> bool:
        """Whether one more request may pass now; if so, it is counted."""
        passed = 0.0 if self._seen_at is None else max(0.0, now - self._seen_at)
        self._seen_at = now
        self._left = min(self._at_once, self._left + passed * self._per_second)
        if self._left < 1:
            return False
        self._left -= 1
        return True
