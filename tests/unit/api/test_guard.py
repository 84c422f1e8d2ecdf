"""Whom our own routes listen to, and for how long."""

import datetime
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from gossamer.api import sigv4
from gossamer.api.gate import KeyGate, Watch
from gossamer.api.guard import Guard
from gossamer.api.sigv4 import Claim, Sent
from gossamer.clock import FixedClock
from gossamer.store.directory import Directory, KnownKey
from tests.support.in_process import part

NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
KEY = KnownKey("000000000000", "arn:aws:iam::000000000000:user/a", (), "secret")
APPLY = "/gossamer/v1/apply"


def guard() -> Guard:
    """One that knows one key and takes a thousand bytes, many more for an apply."""

    async def never(_: Scope, __: Receive, ___: Send) -> None:
        raise AssertionError("nobody was to come in")

    directory = Directory(keys={"GKIA": KEY}, has_keys=True)
    watch = Watch(lambda: directory, lambda: False, "us-west-2", FixedClock(NOW))
    gate = KeyGate(watch, None, KEY.account, b"k" * 32)  # type: ignore[arg-type]  # no store is asked
    return Guard(never, gate, None, longest_body=1000)


def signature(key: str, region: str = "us-west-2") -> bytes:
    stamp = sigv4.stamp(NOW)
    claim = Claim(key, stamp[:8], region, "appmesh", stamp, ("host", "x-amz-date"), "")
    sent = Sent("POST", APPLY, "", {"host": "here", "x-amz-date": stamp}, "0" * 64)
    return sigv4.authorization(sent, claim, "wrong").encode()


async def refused(authorization: bytes | None) -> tuple[str, int]:
    """What an apply of twelve thousand bytes is refused with, and how many parts of it were taken first."""
    taken: list[Message] = []
    answers: list[Any] = []

    def sending() -> Iterator[Message]:
        for number in range(12):
            yield part(b" " * 1000, more=number < 11)

    waiting = sending()

    async def receive() -> Message:
        taken.append(next(waiting))
        return taken[-1]

    async def send(message: Any) -> None:
        answers.append(message)

    headers = [(b"host", b"here"), (b"x-amz-date", sigv4.stamp(NOW).encode())]
    if authorization is not None:
        headers.append((b"authorization", authorization))
    scope = {"type": "http", "method": "POST", "path": APPLY, "raw_path": APPLY.encode(), "headers": headers}
    await guard()(scope | {"query_string": b"", "scheme": "http"}, receive, send)
    assert answers[0]["status"] == 403
    return dict(answers[0]["headers"])[b"x-amzn-errortype"].decode(), len(taken)


@pytest.mark.parametrize(
    ("authorization", "error"),
    [
        (None, "MissingAuthenticationTokenException"),
        (signature("GKNOBODY"), "UnrecognizedClientException"),
        (signature("GKIA", "eu-west-1"), "InvalidSignatureException"),
    ],
    ids=["none", "an unknown key", "another region"],
)
async def test_a_long_body_of_nobody_is_not_taken_in(authorization: bytes | None, error: str) -> None:
    assert await refused(authorization) == (error, 2)


async def test_a_long_body_of_a_known_key_is_taken_to_see_whether_it_is_theirs() -> None:
    assert await refused(signature("GKIA")) == ("InvalidSignatureException", 12)
