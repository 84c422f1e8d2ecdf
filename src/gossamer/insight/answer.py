"""Answers of our own routes: JSON, and errors in the form of the App Mesh API's."""

from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gossamer.api.faults import FAULTS
from gossamer.api.refusal import Refused
from gossamer.errors import MeshError

Handler = Callable[[Request], Awaitable[Response]]


def route(path: str, handler: Handler, method: str = "GET") -> Route:
    """A route whose errors are answered as the App Mesh API answers its own."""

    async def answered(request: Request) -> Response:
        try:
            return await handler(request)
        except MeshError as error:
            return error_answer(error)

    return Route(path, answered, methods=[method])


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
