"""Each call counted and timed, by what was asked for; streams of events until they begin."""

import time
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Final, Self

from starlette.types import Message, Send

from gossamer.api.call import Call
from gossamer.api.operations import LONGEST_PATH
from gossamer.telemetry import facts, metrics, trace

#: What our own routes count as: those that change something, and those that do not.
OWN: Final = ("gossamer:Write", "gossamer:Read")

#: What no operation was found for.
NONE: Final = "none"


class Measure:
    """One call, while it is answered. A caller who went away got no answer, and is not counted."""

    __slots__ = ("_call", "_known", "_operation", "_span", "answered_at", "begun", "status")

    def __init__(self, call: Call, operation: str | None) -> None:
        self.begun = time.monotonic()
        self.answered_at = 0.0
        self.status = 0
        self._call = call
        self._operation = operation

    def __enter__(self) -> Self:
        """It came in."""
        call = self._call
        self._span = trace.called(call.method, _Headers(call)) if trace.is_on() else None
        trace.during(self._span)
        metrics.API_UNDER_WAY.inc()
        self._known = facts.know(_known(call, self._span))
        return self

    def __exit__(self, *_: object) -> None:
        """It is over, with an answer or without."""
        facts.forget(self._known)
        metrics.API_UNDER_WAY.dec()
        call = self._call
        name = self._operation or (call.operation.name if call.operation is not None else NONE)
        if self._span is not None:
            _end(self._span, call, name, self.status)
        if self.status:
            count, seconds = metrics.of_calls(name, self.status)
            count.inc()
            seconds.observe(self.answered_at - self.begun)

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


def measured(call: Call, operation: str | None = None) -> Measure:
    """Count one call; without an operation given, by the one that it turns out to be."""
    return Measure(call, operation)


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
    return {"request_id": call.id} if span is None else {"request_id": call.id, "trace_id": span.trace_id}


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
