"""A route of our own: its query and its errors are read and told as those of the App Mesh API."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gossamer.api.faults import FAULTS
from gossamer.api.query import known_members
from gossamer.api.refusal import Refused
from gossamer.errors import MeshError

Handler = Callable[[Request], Awaitable[Response]]

#: Where a route finds the members of its query, in the scope of its request.
QUERY: Final = "gossamer.query"


def route(path: str, handler: Handler, method: str = "GET", *, query: tuple[str, ...] = ()) -> Route:
    """A route that takes some members in its query, and no others."""

    async def answered(request: Request) -> Response:
        try:
            request.scope[QUERY] = known_members(request.scope["query_string"], query)
            return await handler(request)
        except MeshError as error:
            return error_answer(error)

    return Route(path, answered, methods=[method])


def asked(request: Request) -> Mapping[str, str]:
    """The members of the query that reached one of our routes."""
    found: Mapping[str, str] = request.scope[QUERY]
    return found


def error_answer(error: MeshError, more: Mapping[str, object] | None = None) -> Response:
    """An error, with what else is to be told of it."""
    status, name = named(error)
    body = {"message": str(error), **(more or {})}
    return JSONResponse(body, status, {"x-amzn-errortype": name})


def named(error: MeshError) -> tuple[int, str]:
    """The status and the name of an error."""
    if isinstance(error, Refused):
        return error.refusal.status, error.refusal.fault
    return next(FAULTS[kind] for kind in type(error).__mro__ if kind in FAULTS)
