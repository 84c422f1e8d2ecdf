"""The same gate for our own routes: what is below /gossamer/ asks for credentials as the operations do.

The actions are `gossamer:Read` and `gossamer:Write`, and `gossamer:ReadAudit` for the audit log; none is
about a resource. Routes that write resources ask for App Mesh's own actions, resource by resource. The
account of the control plane itself sees everything, another one only what is its own, for which routes ask
`caller`. Other paths answer everybody: whether the process lives, its metrics, and pages for people.
"""

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gossamer.api.answer import Disconnected, fault, read_away, refusal, send_answer, whole_body
from gossamer.api.audit import Auditor
from gossamer.api.authorize import EVERYTHING, allow
from gossamer.api.call import Call
from gossamer.api.faults import FAULTS
from gossamer.api.gate import SAFE, Gate
from gossamer.api.measure import OWN, measured
from gossamer.api.refusal import Refusal, Refused
from gossamer.api.request import Caller
from gossamer.api.session import SESSION_PATH
from gossamer.errors import MeshError
from gossamer.model.permission import Demand
from gossamer.uid import Uids

GUARDED: Final = "/gossamer/"
READ: Final = "gossamer:Read"
AUDIT_PATH: Final = "/gossamer/v1/audit"
#: A question that needs a body: it changes nothing.
EXPLAIN: Final = "/explain"

#: What writes many resources at once, and how much larger than others its body may be.
APPLY_PATH: Final = "/gossamer/v1/apply"
ROLLBACK: Final = "/rollback"
LARGE: Final = 16

#: Where a route finds who calls, and the whole call, in the scope of its request.
CALLER: Final = "gossamer.caller"
CALL: Final = "gossamer.call"


def call_of(scope: Scope) -> Call:
    """The call that reached one of our routes."""
    found: Call = scope[CALL]
    return found


def caller(scope: Scope) -> Caller:
    """Who called one of our routes."""
    found: Caller = scope[CALLER]
    return found


class Guard:
    """Our own routes, behind the gate."""

    def __init__(self, app: ASGIApp, gate: Gate, auditor: Auditor | None, longest_body: int) -> None:
        self._app = app
        self._gate = gate
        self._auditor = auditor
        self._longest_body = longest_body
        self._ids = Uids()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through to its route, or refuse it."""
        if scope["type"] != "http" or not scope["path"].startswith(GUARDED):
            await self._app(scope, receive, send)
            return
        call = Call.arrived(scope, self._ids.new())
        with measured(call, OWN[call.method in SAFE]) as measure:
            await self._passed(call, scope, receive, measure.seen(send))

    async def _passed(self, call: Call, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            call.body = await self._body(call, scope["path"], receive)
            call.caller = self._authenticated(call, scope["path"])
        except Disconnected:
            return
        except Refused as refused:
            await self._refuse(call, refused, send)
        except MeshError as error:
            await send_answer(fault(*FAULTS[type(error)], str(error)), call.id, send)
        else:
            scope[CALLER], scope[CALL] = call.caller, call
            # Reading is not worth an entry, but for the log itself.
            is_noted = _action(call.method, scope["path"]) != READ
            told = self._told(call, send, is_noted=is_noted)
            await self._app(scope, _again(call.body, receive), told)

    async def _body(self, call: Call, path: str, receive: Receive) -> bytes:
        """The body; one that may be large is kept only of whoever might come in.

        Raises: Refused, InvalidSpec, Disconnected.
        """
        if path != APPLY_PATH:
            return await whole_body(receive, self._longest_body)
        try:
            self._gate.glance(call)
        except Refused:
            await read_away(receive, self._longest_body)
            raise
        return await whole_body(receive, self._longest_body * LARGE)

    def _authenticated(self, call: Call, path: str) -> Caller:
        """Whoever calls, if they may; to know who one is takes no permission.

        Raises: Refused, Throttled.
        """
        try:
            caller = self._gate.authenticate(call)
        except Refused as refused:
            if path == SESSION_PATH and call.method in SAFE and refused.refusal is Refusal.MISSING:
                raise Refused(Refusal.NOT_SIGNED_IN) from None
            raise
        if path != SESSION_PATH:
            _check(caller, _action(call.method, path))
        return caller

    async def _refuse(self, call: Call, refused: Refused, send: Send) -> None:
        answer = refusal(refused)
        if self._auditor is not None:
            self._auditor.note_own(call, answer.status, answer.fault, answer.sentence)
        await send_answer(answer, call.id, send)

    def _told(self, call: Call, send: Send, *, is_noted: bool) -> Send:
        """A `send` that tells a call's id, and takes note of how it ended if that is worth an entry."""

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._gate.answered(call, message["status"])
                headers = MutableHeaders(scope=message)
                headers["x-amzn-requestid"] = call.id
                if is_noted and self._auditor is not None:
                    self._auditor.note_own(call, message["status"], headers.get("x-amzn-errortype"))
            await send(message)

        return told


def _action(method: str, path: str) -> str | None:
    """What a call of one of our routes is called in policies; `path` is decoded, as routes see it.

    None for one that asks for each resource by itself.
    """
    if path == AUDIT_PATH:
        return "gossamer:ReadAudit"
    if path == APPLY_PATH or path.endswith(ROLLBACK):
        return None
    return READ if method in SAFE or path.endswith(EXPLAIN) else "gossamer:Write"


def may_read(caller: Caller) -> bool:
    """Whether a caller's policies allow reading by our own routes."""
    try:
        allow(caller, Demand(READ, EVERYTHING))
    except Refused:
        return False
    return True


def _check(caller: Caller, action: str | None) -> None:
    """Ask the policies of the caller.

    Raises: Refused.
    """
    if action is not None:
        allow(caller, Demand(action, EVERYTHING))


def _again(body: bytes, receive: Receive) -> Receive:
    """A `receive` that tells the body once more, and then goes on with what there is."""
    left = [body]

    async def received() -> Message:
        if left:
            return {"type": "http.request", "body": left.pop(), "more_body": False}
        return await receive()

    return received
