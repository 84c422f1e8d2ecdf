"""Signing in and out over HTTP: `/gossamer/v1/session`.

A page signs one request with the key that a person gives it, and keeps nothing: what it gets is a cookie that
no script can read.
"""

import datetime
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from gossamer.api.guard import caller
from gossamer.api.own_route import route
from gossamer.api.request import Caller
from gossamer.api.session import SESSION_PATH, set_cookie
from gossamer.clock import iso

#: Makes a session for a caller, and tells how long it lives.
Opening = Callable[[Caller], tuple[str, datetime.timedelta]]


#: Ends the session that a caller came with.
Ending = Callable[[Caller], None]


def session_routes(opening: Opening, ending: Ending) -> tuple[BaseRoute, ...]:
    """The three methods of the one path."""

    async def sign_in(request: Request) -> Response:
        who = caller(request.scope)
        if who.until is not None:
            why = "a session is not prolonged by its cookie: sign the request"
            return JSONResponse({"message": why}, 400, {"x-amzn-errortype": "BadRequestException"})
        if who.key is None:
            return Response(status_code=204)
        text, life = opening(who)
        cookie = set_cookie(text, life, is_secure=_is_secure(request))
        return Response(status_code=204, headers={"set-cookie": cookie, "cache-control": "no-store"})

    async def shown(request: Request) -> Response:
        who = caller(request.scope)
        found = {
            "open": who.key is None,
            "accountId": who.account,
            "principal": who.principal,
            "accessKeyId": who.key,
            "expiresAt": iso(who.until) if who.until is not None else None,
        }
        told = {name: value for name, value in found.items() if value is not None}
        return JSONResponse(told, headers={"cache-control": "no-store"})

    async def sign_out(request: Request) -> Response:
        ending(caller(request.scope))
        cookie = set_cookie("", datetime.timedelta(0), is_secure=_is_secure(request))
        return Response(status_code=204, headers={"set-cookie": cookie, "cache-control": "no-store"})

    return (
        route(SESSION_PATH, sign_in, "POST"),
        route(SESSION_PATH, shown),
        route(SESSION_PATH, sign_out, "DELETE"),
    )


def _is_secure(request: Request) -> bool:
    """Whether the page came over TLS, ended here or before."""
    return request.url.scheme == "https" or request.headers.get("origin", "").startswith("https://")
