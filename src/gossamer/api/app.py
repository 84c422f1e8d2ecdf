"""The request path, as one list: take the body, match, authenticate, authorize, carry out, audit, answer.

Source: App Mesh API 2019-01-25, REST with JSON; the AWS request and error headers that every SDK reads.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from gossamer.api.answer import Answer, Disconnected, fault, refusal, send_answer, whole_body
from gossamer.api.audit import Auditor
from gossamer.api.call import Call
from gossamer.api.description import page
from gossamer.api.faults import FAULTS
from gossamer.api.gate import Gate, OpenGate
from gossamer.api.guard import Guard
from gossamer.api.handlers import Handlers
from gossamer.api.measure import measured
from gossamer.api.operations import ROOT, UnknownOperation
from gossamer.api.preview.operations import ROOT as PREVIEW_ROOT
from gossamer.api.query import members_of
from gossamer.api.refusal import Refused
from gossamer.api.request import Request
from gossamer.api.version import version_of
from gossamer.contract import DEFAULT_ACCOUNT, DEFAULT_REGION
from gossamer.errors import MeshError
from gossamer.store.store import Store
from gossamer.uid import Uids

log = structlog.get_logger(__name__)

#: The first segments of every operation's path, one a version.
ROOTS: Final = ([ROOT.encode()], [PREVIEW_ROOT.encode()])


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """Who callers are, where they are told to be, and how much they may say at once."""

    account: str = DEFAULT_ACCOUNT
    region: str = DEFAULT_REGION
    max_body_bytes: int = 1024 * 1024


class AppMesh:
    """The App Mesh operations as an ASGI application."""

    def __init__(self, store: Store, settings: ApiSettings, gate: Gate, auditor: Auditor | None) -> None:
        self._handlers = Handlers(store, settings.region)
        self._gate = gate
        self._auditor = auditor
        self._longest_body = settings.max_body_bytes
        self._ids = Uids()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        call = Call.arrived(scope, self._ids.new())
        with measured(call) as measure:
            try:
                answer = await self._answered(call, receive)
            except Disconnected:
                return
            measure.answered(answer.status)
        self._gate.answered(call, answer.status)
        if self._auditor is not None:
            self._auditor.note(call, answer)
        await send_answer(answer, call.id, send)

    async def _answered(self, call: Call, receive: Receive) -> Answer:
        """The answer to one call, whatever becomes of it."""
        try:
            return Answer(HTTPStatus.OK, await self._carried_out(call, receive))
        except Refused as refused:
            return refusal(refused)
        except MeshError as error:
            status, name = FAULTS[type(error)]
            if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                log.warning("request_not_served", request_id=call.id, path=call.path, why=str(error))
            return fault(status, name, str(error))
        except UnknownOperation as error:
            return _unknown(error)
        except Disconnected:
            raise
        except Exception:  # what a caller must never see, and an operator must
            log.exception("request_failed", request_id=call.id, path=call.path, method=call.method)
            return fault(500, "InternalServerErrorException", f"request {call.id} failed; the log says why")

    async def _carried_out(self, call: Call, receive: Receive) -> bytes:
        """The request path."""
        call.body = await whole_body(receive, self._longest_body)
        version = version_of(call.raw_path, self._handlers)
        call.operation, names = version.matched(call.method, call.raw_path)
        call.caller = self._gate.authenticate(call)
        call.request = Request(call.operation, names, members_of(call.query_string), None, call.caller)
        call.request = version.understood(call.request, call.body)
        for one in (call.request, *await version.implied(call.request)):
            await self._gate.authorize(one)
        return await version.answer(call.request)


def create_app(
    store: Store,
    *,
    settings: ApiSettings,
    gate: Gate | None = None,
    auditor: Auditor | None = None,
    extra_routes: Sequence[BaseRoute] = (),
) -> ASGIApp:
    """The whole HTTP application: App Mesh's operations, and whatever else is mounted beside them.

    Without a gate everybody may do everything, as the one account of the settings. Without an auditor nobody
    takes note.
    """
    guarding = gate or OpenGate(settings.account, settings.region)
    operations = AppMesh(store, settings, guarding, auditor)
    others = Starlette(
        routes=[*page.routes(), *extra_routes],
        exception_handlers={HTTPException: _not_taken, Exception: _failed},
    )
    guarded = Guard(others, guarding, auditor, settings.max_body_bytes)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        is_operation = scope["type"] == "http" and scope["raw_path"].split(b"/")[1:2] in ROOTS
        await (operations if is_operation else guarded)(scope, receive, send)

    # A path that nobody has is answered in App Mesh's form too: most callers are its clients.
    others.router.default = operations
    # Nor is it sent elsewhere: a path that ends in a slash is another one.
    others.router.redirect_slashes = False
    return app


async def _not_taken(request: HttpRequest, error: Exception) -> Response:
    """The answer of a route of our own to a method that it does not take, in the form of the API."""
    assert isinstance(error, HTTPException)  # noqa: S101 - what it is registered for
    allowed = ", ".join(sorted((error.headers or {}).get("Allow", "").split(", ")))
    why = f"{request.url.path} takes {allowed}, not {request.method}" if allowed else error.detail
    headers = {"allow": allowed, "x-amzn-errortype": "UnknownOperationException"}
    return JSONResponse({"message": why}, error.status_code, headers)


async def _failed(_: HttpRequest, __: Exception) -> Response:
    """The answer where a route of our own fails; the server logs why."""
    why = "the request failed; the log says why"
    return JSONResponse({"message": why}, 500, {"x-amzn-errortype": "InternalServerErrorException"})


def _unknown(error: UnknownOperation) -> Answer:
    status = HTTPStatus.METHOD_NOT_ALLOWED if error.allowed else HTTPStatus.NOT_FOUND
    return fault(status, "UnknownOperationException", str(error), ", ".join(error.allowed))
