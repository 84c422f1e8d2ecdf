"""Calls as entries of the audit log. What proves a caller (signatures, tokens, secrets) never gets into one.

Source: AWS CloudTrail user guide, record contents: parameters as they were asked for, answers of what changed
something only.
"""

import contextlib
import functools
import itertools
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from json.encoder import encode_basestring_ascii as quoted
from typing import Final

from gossamer.api.answer import Answer
from gossamer.api.authorize import places
from gossamer.api.call import Call
from gossamer.api.request import Request
from gossamer.clock import Clock
from gossamer.errors import MeshError
from gossamer.store.audit_event import AuditEvent, Error, Identity

#: The members of a query that are parameters; others may hold a signature.
QUERY: Final = ("meshOwner", "limit", "nextToken", "resourceArn")

#: A body or an answer longer than this is left out.
LONGEST: Final = 64 * 1024

#: Where an answer goes on with the spec, which comes last.
SPEC: Final = b', "spec": '

#: What nearly every ARN in an answer stands behind; some hold characters that JSON escapes.
_ARN_BEGINS: Final = b'"arn": "'
_ARN: Final = re.compile(rb'"arn": ?("(?:[^"\\]|\\.)*")')
_READS: Final = ("Describe", "List")
OWN: Final = "gossamer"


@dataclass(frozen=True, slots=True)
class ChangeNote:
    """A resource that was written: by which operation's name, what was asked and answered, as JSON."""

    operation: str
    arn: str
    asked: bytes
    answered: bytes


@dataclass(frozen=True, slots=True)
class Auditor:
    """Tells the audit log of calls."""

    take: Callable[[AuditEvent], None]
    region: str
    clock: Clock

    def note(self, call: Call, answer: Answer) -> None:
        """One call of an operation; a path that is none is not worth an entry."""
        if call.operation is None:
            return
        reads = call.operation.name.startswith(_READS)
        failed = answer.status != HTTPStatus.OK
        self.take(
            AuditEvent(
                at=self.clock.now(),
                name=call.operation.name,
                identity=_identity(call),
                region=self.region,
                source=call.source,
                user_agent=call.header(b"user-agent"),
                request_id=call.id,
                is_read_only=reads,
                error=Error(answer.fault, answer.sentence) if failed else None,
                resources=tuple(_resources(call.request, answer, self.region)),
                parameters=_parameters(call.request, call.body),
                response="null" if failed or reads else _told(answer.body),
            )
        )

    def note_change(self, call: Call, change: ChangeNote) -> None:
        """One of the resources that a call of our own wrote, as the operation that it amounts to."""
        self.take(
            AuditEvent(
                at=self.clock.now(),
                name=change.operation,
                identity=_identity(call),
                region=self.region,
                source=call.source,
                user_agent=call.header(b"user-agent"),
                request_id=call.id,
                resources=(change.arn,),
                parameters=_text(change.asked),
                response=_told(change.answered),
            )
        )

    def note_own(self, call: Call, status: int, fault: str | None = None, sentence: str = "") -> None:
        """One call of a route of our own."""
        error = None
        if status >= HTTPStatus.BAD_REQUEST:
            error = Error(fault or str(status), sentence or HTTPStatus(status).phrase)
        self.take(
            AuditEvent(
                at=self.clock.now(),
                name=f"{call.method} {call.path}",
                identity=_identity(call),
                region=self.region,
                source=call.source,
                user_agent=call.header(b"user-agent"),
                request_id=call.id,
                service=OWN,
                is_read_only=call.method == "GET",
                error=error,
            )
        )


def _identity(call: Call) -> Identity:
    if call.caller is None:
        return Identity(key=call.claimed_key)
    return Identity(call.caller.account, call.caller.principal, call.caller.key)


def _resources(request: Request | None, answer: Answer, region: str) -> Iterator[str]:
    """The ARN of what a call is about: as it was answered, or as the caller would own it."""
    told = _arn_in(answer.body) if request is not None and request.operation.name[:4] != "List" else None
    if told is not None:
        yield told
    elif request is not None:
        with contextlib.suppress(MeshError):
            place = next(places(request), None)
            if place is not None:
                yield place.ref.arn(region, request.account)


def _arn_in(answer: bytes) -> str | None:
    """The first ARN that an answer tells."""
    begin = answer.find(_ARN_BEGINS) + len(_ARN_BEGINS)
    text = answer[begin : answer.find(b'"', begin)] if begin >= len(_ARN_BEGINS) else b"\\"
    if b"\\" not in text:
        return text.decode()
    found = _ARN.search(answer)
    return None if found is None else str(json.loads(found[1]))


def _parameters(request: Request | None, body: bytes) -> str:
    """What was asked for: the names in the path, the query, and the body as it was sent."""
    if request is None:
        return "null"
    named = dict(zip(_members(request.operation.path), request.names, strict=True))
    asked = {name: request.query[name] for name in QUERY if name in request.query} if request.query else {}
    parts = [f"{quoted(name)}: {quoted(value)}" for name, value in {**named, **asked}.items()]
    sent = _text(body.strip()) if request.input is not None and body.strip() else "{}"
    if inside := sent[1:-1].strip():
        parts.append(inside)
    return f"{{{', '.join(parts)}}}"


@functools.cache
def _members(path: tuple[str | None, ...]) -> tuple[str, ...]:
    """What the names in an operation's path are called."""
    return tuple(
        "meshName" if word == "meshes" else f"{(word or '').removesuffix('s')}Name"
        for word, segment in itertools.pairwise(path)
        if segment is None
    )


def _told(answer: bytes) -> str:
    """What was answered but for the spec, which was asked for, or stands in the log of revisions."""
    around, spec, _ = answer.partition(SPEC)
    return around.decode() + "}" if spec else _text(answer)


def _text(raw: bytes) -> str:
    """JSON as it is, unless it is too long."""
    return raw.decode() if len(raw) <= LONGEST else json.dumps({"omitted": f"{len(raw)} bytes"})
