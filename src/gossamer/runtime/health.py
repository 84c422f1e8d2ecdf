"""The routes that operators and machines look at, beside the App Mesh API.

/healthz                          the process is alive
/readyz                           every mesh is loaded and proxies are served
/metrics                          Prometheus
/gossamer/v1/proxies              what each connected proxy runs, and what it refused
/gossamer/v1/meshes/M/problems    what in a mesh cannot work
"""

import datetime
from collections.abc import Callable

import prometheus_client
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from gossamer.api.guard import caller
from gossamer.runtime.reconcile import Reconciler
from gossamer.xds.hub import Hub
from gossamer.xds.status import ProxyStatus, TypeStatus


def routes(
    hub: Hub, reconciler: Reconciler, account: str, is_ready: Callable[[], bool]
) -> tuple[BaseRoute, ...]:
    """Every route of this module. Callers of another account than ours, this one, see their own meshes."""

    async def alive(_: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def ready(_: Request) -> Response:
        return (
            PlainTextResponse("ready\n") if is_ready() else PlainTextResponse("starting\n", status_code=503)
        )

    async def metrics(_: Request) -> Response:
        body = prometheus_client.generate_latest()
        return Response(body, headers={"content-type": prometheus_client.CONTENT_TYPE_LATEST})

    async def proxies(request: Request) -> Response:
        who = caller(request.scope).account
        seen = [_proxy(status) for status in hub.statuses() if who in (account, status.account)]
        return JSONResponse({"proxies": seen})

    async def problems(request: Request) -> Response:
        mesh = request.path_params["mesh"]
        found = reconciler.problems(mesh, caller(request.scope).account)
        if found is None:
            return JSONResponse({"message": f"Mesh with name {mesh} is not present"}, status_code=404)
        return JSONResponse({"problems": [{"resource": str(one.ref), "why": one.why} for one in found]})

    return (
        Route("/healthz", alive),
        Route("/readyz", ready),
        Route("/metrics", metrics),
        Route("/gossamer/v1/proxies", proxies),
        Route("/gossamer/v1/meshes/{mesh}/problems", problems),
    )


def _proxy(status: ProxyStatus) -> dict[str, object]:
    refusals = [one for one in status.types.values() if one.refusal is not None]
    return {
        "node": status.node,
        "endpoint": status.endpoint,
        "state": "refused" if refusals else "in sync" if status.in_sync else "updating",
        "envoy": status.build,
        "protocol": status.protocol,
        "connectedAt": _iso(status.connected_at),
        "types": {type_.name.lower(): _type(found) for type_, found in status.types.items()},
    }


def _type(status: TypeStatus) -> dict[str, object]:
    return {
        "sent": status.sent,
        "accepted": status.acked,
        "refused": status.refused,
        "sentAt": _iso(status.sent_at),
        "acceptedAt": _iso(status.acked_at),
        "refusedAt": _iso(status.refused_at),
        "refusal": status.refusal,
    }


def _iso(at: datetime.datetime | None) -> str | None:
    return at.isoformat(timespec="milliseconds") if at is not None else None
