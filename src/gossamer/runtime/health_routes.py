"""The routes that machines look at: is the process alive, is it ready, what does it count.

/healthz    the process is alive: 200 or 503
/readyz     calls and streams may come: 200 or 503
/metrics    Prometheus; with `?name[]=` only the series of that name, as often as it is given

With `?verbose` the first two tell every part in JSON; without, what is wrong, a line each.
"""

from collections.abc import Callable
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from gossamer.runtime.health import Check, Health
from gossamer.telemetry import metrics


def health_routes(health: Health, look: Callable[[], None]) -> tuple[BaseRoute, ...]:
    """Every route of this module; they answer everybody. `look` brings the metrics up to date."""

    async def alive(request: Request) -> Response:
        return _told(request, "ok", health.liveness())

    async def ready(request: Request) -> Response:
        return _told(request, "ready", health.readiness())

    async def counts(request: Request) -> Response:
        look()
        body, content_type = metrics.exposition(request.query_params.getlist("name[]"))
        return Response(body, headers={"content-type": content_type})

    return (Route("/healthz", alive), Route("/readyz", ready), Route("/metrics", counts))


def _told(request: Request, well: str, checks: tuple[Check, ...]) -> Response:
    wrong = [check for check in checks if check.why]
    status = HTTPStatus.SERVICE_UNAVAILABLE if wrong else HTTPStatus.OK
    if "verbose" in request.query_params:
        parts = [
            {"name": one.name, "ok": not one.why, **({"why": one.why} if one.why else {})} for one in checks
        ]
        return JSONResponse(
            {"status": well if not wrong else f"not {well}", "checks": parts}, status_code=status
        )
    lines = [f"{one.name}: {one.why}" for one in wrong] or [well]
    return PlainTextResponse("\n".join(lines) + "\n", status_code=status)
