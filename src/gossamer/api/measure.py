"""Each call counted and timed, by what was asked for; streams of events until they begin."""

import contextlib
import time
from collections.abc import Iterator
from typing import Final

from starlette.types import Message, Send

from gossamer.api.call import Call
from gossamer.telemetry import metrics

#: What our own routes count as: those that change something, and those that do not.
OWN: Final = ("gossamer:Write", "gossamer:Read")

#: What no operation was found for.
NONE: Final = "none"


class Measure:
    """One call, while it is answered. A caller who went away got no answer, and is not counted."""

    def __init__(self) -> None:
        self.begun = time.monotonic()
        self.answered_at = 0.0
        self.status = 0

    def answered(self, status: int) -> None:
        """The answer is there."""
        self.status = status
        self.answered_at = time.monotonic()

    def seen(self, send: Send) -> Send:
        """A `send` that notices the answer."""

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.answered(message["status"])
            await send(message)

        return sent


@contextlib.contextmanager
def measured(call: Call, operation: str | None = None) -> Iterator[Measure]:
    """Count one call; without an operation given, by the one that it turns out to be."""
    measure = Measure()
    metrics.API_UNDER_WAY.inc()
    try:
        yield measure
    finally:
        metrics.API_UNDER_WAY.dec()
        if measure.status:
            name = operation or (call.operation.name if call.operation is not None else NONE)
            metrics.API_REQUESTS.labels(name, str(int(measure.status))).inc()
            metrics.API_SECONDS.labels(name).observe(measure.answered_at - measure.begun)
