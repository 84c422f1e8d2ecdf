"""The routes that machines look at: is the process alive, is it ready, what does it count.

/healthz    the process is alive
/readyz     every mesh is loaded and proxies are served
/metrics    Prometheus
"""

from collections.abc import Callable

import prometheus_client
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route


def routes(is_ready: Callable[[], bool]) -> tuple[BaseRoute, ...]:
    """Every route of this module; they answer everybody."""

    async def alive(_: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def ready(_: Request) -> Response:
        return (
            PlainTextResponse("ready\n") if is_ready() else PlainTextResponse("starting\n", status_code=503)
        )

    async def metrics(_: Request) -> Response:
        body = prometheus_client.generate_latest()
        return Response(body, headers={"content-type": prometheus_client.CONTENT_TYPE_LATEST})

    return (Route("/healthz", alive), Route("/readyz", ready), Route("/metrics", metrics))
