"""The request path, as one list: take the body, match, authenticate, authorize, carry out, answer.

Source: App Mesh API 2019-01-25, REST with JSON; the AWS request and error headers that every SDK reads.
"""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qsl

import structlog
from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gossamer.api.call import Call
from gossamer.api.description import page
from gossamer.api.faults import FAULTS
from gossamer.api.gate import Gate, OpenGate
from gossamer.api.handlers import Handlers
from gossamer.api.operations import ROOT, UnknownOperation
from gossamer.api.preview.operations import ROOT as PREVIEW_ROOT
from gossamer.api.request import Request
from gossamer.api.version import version_of
from gossamer.contract import DEFAULT_ACCOUNT, DEFAULT_REGION
from gossamer.errors import InvalidSpec, MeshError, Violation
from gossamer.store.store import Store

log = structlog.get_logger(__name__)

#: The first segments of every operation's path, one a version.
ROOTS: Final = ([ROOT.encode()], [PREVIEW_ROOT.encode()])

JSON_TYPE: Final = b"application/json"


#: How many times the allowed length is read before an answer cuts the caller off.
PATIENCE: Final = 16


class Disconnected(Exception):
    """The caller went away before its request was whole; there is nobody to answer."""


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """Who callers are, where they are told to be, and how much they may say at once."""

    account: str = DEFAULT_ACCOUNT
    region: str = DEFAULT_REGION
    max_body_bytes: int = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: a status, a body, and the error's name if it is one."""

    status: int
    body: bytes
    fault: str = ""
    allowed: str = ""


class AppMesh:
    """The App Mesh operations as an ASGI application."""

    def __init__(self, store: Store, settings: ApiSettings, gate: Gate) -> None:
        self._handlers = Handlers(store, settings.region)
        self._gate = gate
        self._longest_body = settings.max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        call = Call.arrived(scope, str(uuid.uuid4()))
        try:
            answer = await self._answered(call, receive)
        except Disconnected:
            return
        await _send(answer, call.id, send)

    async def _answered(self, call: Call, receive: Receive) -> Answer:
        """The answer to one call, whatever becomes of it."""
        try:
            return Answer(HTTPStatus.OK, await self._carried_out(call, receive))
        except MeshError as error:
            status, name = FAULTS[type(error)]
            if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                log.warning("request_not_served", request_id=call.id, path=call.path, why=str(error))
            return _fault(status, name, str(error))
        except UnknownOperation as error:
            return _unknown(error)
        except Disconnected:
            raise
        except Exception:  # what a caller must never see, and an operator must
            log.exception("request_failed", request_id=call.id, path=call.path, method=call.method)
            return _fault(500, "InternalServerErrorException", f"request {call.id} failed; the log says why")

    async def _carried_out(self, call: Call, receive: Receive) -> bytes:
        """The request path."""
        call.body = await _body(receive, self._longest_body)
        version = version_of(call.raw_path, self._handlers)
        operation, names = version.matched(call.method, call.raw_path)
        caller = self._gate.authenticate(call)
        request = version.understood(Request(operation, names, _query(call), None, caller), call.body)
        for one in (request, *await version.implied(request)):
            await self._gate.authorize(one)
        return await version.answer(request)


def create_app(
    store: Store, *, settings: ApiSettings, gate: Gate | None = None, extra_routes: Sequence[BaseRoute] = ()
) -> ASGIApp:
    """The whole HTTP application: App Mesh's operations, and whatever else is mounted beside them.

    Without a gate everybody may do everything, as the one account of the settings.
    """
    operations = AppMesh(store, settings, gate or OpenGate(settings.account))
    others = Starlette(routes=[*page.routes(), *extra_routes])

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        is_operation = scope["type"] == "http" and scope["raw_path"].split(b"/")[1:2] in ROOTS
        await (operations if is_operation else others)(scope, receive, send)

    # A path that nobody has is answered in App Mesh's form too: most callers are its clients.
    others.router.default = operations
    return app


async def _body(receive: Receive, limit: int) -> bytes:
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


def _query(call: Call) -> dict[str, str]:
    return dict(parse_qsl(call.query_string.decode("ascii", "replace"), keep_blank_values=True))


def _fault(status: int, name: str, sentence: str) -> Answer:
    return Answer(status, json.dumps({"message": sentence}).encode(), name)


def _unknown(error: UnknownOperation) -> Answer:
    fault = _fault(405 if error.allowed else 404, "UnknownOperationException", str(error))
    return Answer(fault.status, fault.body, fault.fault, ", ".join(error.allowed))


async def _send(answer: Answer, request_id: str, send: Send) -> None:
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
