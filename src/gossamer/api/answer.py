"""HTTP at both ends of the request path: a whole body in, an answer out.

Source: the AWS request and error headers that every SDK reads.
"""

import json
from dataclasses import dataclass
from typing import Final

from starlette.types import Message, Receive, Send

from gossamer.api.refusal import Refused
from gossamer.errors import InvalidSpec, Violation

JSON_TYPE: Final = b"application/json"

#: How many times the allowed length is read before an answer cuts the caller off.
PATIENCE: Final = 16


class Disconnected(Exception):
    """The caller went away before its request was whole; there is nobody to answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: a status, a body, and the error's name and sentence if it is one."""

    status: int
    body: bytes
    fault: str = ""
    sentence: str = ""
    allowed: str = ""


async def whole_body(receive: Receive, limit: int) -> bytes:
    """The whole body.

    One that is too long is read some way further, so that a caller who is still sending sees the answer. One
    whose end never comes must not be taken for a whole one: an update without a body takes everything away.
    Raises: InvalidSpec for one that is too long, Disconnected.
    """
    parts: list[bytes] = []
    length = 0
    more = True
    while more and length <= limit * PATIENCE:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        part: bytes = message.get("body", b"")
        length += len(part)
        if length <= limit:
            parts.append(part)
        more = message.get("more_body", False)
    if length > limit:
        raise InvalidSpec([Violation("", f"the body is too long, at most {limit} bytes are taken")])
    return b"".join(parts)


async def read_away(receive: Receive, most: int) -> None:
    """Read and forget what a caller sends, so that one who sends little sees the answer.

    Raises: Disconnected.
    """
    more = True
    while more and most >= 0:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        most -= len(message.get("body", b""))
        more = message.get("more_body", False)


def fault(status: int, name: str, sentence: str, allowed: str = "") -> Answer:
    """An error as an answer."""
    return Answer(status, json.dumps({"message": sentence}).encode(), name, sentence, allowed)


def refusal(refused: Refused) -> Answer:
    """What a caller is told that is not let in."""
    return fault(refused.refusal.status, refused.refusal.fault, str(refused))


async def send_answer(answer: Answer, request_id: str, send: Send) -> None:
    """Put an answer on the wire."""
    headers = [
        (b"content-type", JSON_TYPE),
        (b"content-length", str(len(answer.body)).encode()),
        (b"x-amzn-requestid", request_id.encode()),
    ]
    if answer.fault:
        headers.append((b"x-amzn-errortype", answer.fault.encode()))
    if answer.allowed:
        headers.append((b"allow", answer.allowed.encode()))
    start: Message = {"type": "http.response.start", "status": answer.status, "headers": headers}
    await send(start)
    await send({"type": "http.response.body", "body": answer.body})
