"""`GET /gossamer/v1/proxies`: what each connected proxy runs, and what it refused; stale ones first."""

import datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from gossamer.api.guard import caller
from gossamer.api.own_route import route
from gossamer.clock import iso
from gossamer.insight.sources import Sources
from gossamer.xds.status import ProxyStatus, TypeStatus


def proxy_routes(sources: Sources) -> tuple[BaseRoute, ...]:
    """The one route. Callers of another account than ours see the proxies of their own meshes."""

    async def proxies(request: Request) -> Response:
        who, now = caller(request.scope).account, sources.clock.now()
        seen = [one for one in sources.hub.statuses() if who in (sources.account, one.account)]
        seen.sort(key=lambda one: not one.is_stale(now))
        return JSONResponse({"proxies": [proxy_as_told(one, now) for one in seen]})

    return (route("/gossamer/v1/proxies", proxies),)


def proxy_as_told(status: ProxyStatus, now: datetime.datetime) -> dict[str, object]:
    """One proxy as our routes tell it."""
    place, waiting = status.place, status.waiting_since
    return {
        "stream": str(status.stream),
        "node": status.node,
        "endpoint": status.endpoint,
        "accountId": status.account,
        **({"mesh": place.mesh, "kind": place.kind, "name": place.name} if place is not None else {}),
        "state": "refused" if status.is_refusing else "in sync" if status.in_sync else "updating",
        "stale": status.is_stale(now),
        **({"waitingSince": iso(waiting)} if waiting is not None else {}),
        "envoy": status.build,
        **({"agent": status.agent} if status.agent else {}),
        "protocol": status.protocol,
        "since": iso(status.connected_at),
        "connectedAt": iso(status.connected_at),
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
    return iso(at) if at is not None else None
