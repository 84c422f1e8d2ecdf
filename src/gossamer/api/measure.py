"""Each call counted and timed, by what was asked for; streams of events until they begin."""

import contextlib
import time
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Final

import structlog
from starlette.types import Message, Send

from gossamer.api.call import Call
from gossamer.api.operations import LONGEST_PATH
from gossamer.telemetry import metrics, trace

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
        self.status = int(status)
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
    span = trace.called(call.method, _Headers(call))
    trace.during(span)
    metrics.API_UNDER_WAY.inc()
    bound = structlog.contextvars.bind_contextvars(**_known(call, span))
    try:
        yield measure
    finally:
        structlog.contextvars.reset_contextvars(**bound)
        metrics.API_UNDER_WAY.dec()
        name = operation or (call.operation.name if call.operation is not None else NONE)
        if span is not None:
            _end(span, call, name, measure.status)
        if measure.status:
            metrics.API_REQUESTS.labels(name, str(measure.status)).inc()
            metrics.API_SECONDS.labels(name).observe(measure.answered_at - measure.begun)


class _Headers(Mapping[str, str]):
    """A call's headers, for whoever looks for a trace in them."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def __getitem__(self, name: str) -> str:
        for value in self._call.values(name.lower().encode("latin-1", "replace")):
            return value
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return (name.decode("latin-1") for name, _ in self._call.headers)

    def __len__(self) -> int:
        return len(self._call.headers)


def _known(call: Call, span: trace.Span | None) -> dict[str, str]:
    """What stands in every line that is logged for a call."""
    return {"request_id": call.id} | ({} if span is None else {"trace_id": span.trace_id})


def _end(span: trace.Span, call: Call, name: str, status: int) -> None:
    span.rename(name)
    span.tell(
        {
            "rpc.system": "aws-api",
            "rpc.method": name,
            "http.request.method": call.method,
            "http.response.status_code": status,
            "url.path": call.path[:LONGEST_PATH],
            "aws.request_id": call.id,
        }
    )
    is_ours = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    span.end(error=f"answered {status}" if is_ours else "" if status else "the caller went away")
