"""Which change something follows from, and since when: what goes along from commit to ack."""

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cause:
    """The last change of a batch. `since` is when the first of it was durable, as `time.monotonic` tells."""

    sequence: int
    since: float

    def age(self) -> float:
        """Seconds since then."""
        return time.monotonic() - self.since
