"""`GET /gossamer/v1/proxies`: what each connected proxy runs, and what it refused."""

import datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from gossamer.api.guard import caller
from gossamer.insight.sources import Sources
from gossamer.xds.status import ProxyStatus, TypeStatus


def proxy_routes(sources: Sources) -> tuple[BaseRoute, ...]:
    """The one route. Callers of another account than ours see the proxies of their own meshes."""

    async def proxies(request: Request) -> Response:
        who = caller(request.scope).account
        seen = [
            _proxy(status) for status in sources.hub.statuses() if who in (sources.account, status.account)
        ]
        return JSONResponse({"proxies": seen})

    return (Route("/gossamer/v1/proxies", proxies),)


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
