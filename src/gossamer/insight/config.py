"""`GET /gossamer/v1/proxies/STREAM/config`: what one proxy was sent, and what it runs; no secrets."""

import asyncio
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from gossamer.api.guard import caller
from gossamer.api.own_route import asked, route
from gossamer.compile.resources import ResourceType
from gossamer.errors import InvalidSpec, NotFound, Violation
from gossamer.insight.moment import read_number
from gossamer.insight.proxies import proxy_as_told
from gossamer.insight.sources import Sources
from gossamer.model.kind import Kind, Ref
from gossamer.xds.holding import Holding
from gossamer.xds.hub import Connection
from gossamer.xds.protocol import Resource
from gossamer.xds.shown import config

#: What callers call the types.
TYPES: Final = {type_.name.lower(): type_ for type_ in ResourceType}


class NoStream(NotFound):
    """No such proxy is connected to this replica."""

    def __init__(self, stream: str) -> None:
        super().__init__(Ref("", "", Kind.MESH, ""))
        self.stream = stream

    def __str__(self) -> str:
        """Which."""
        return f"no proxy is connected here on stream {self.stream[:20]}"


def config_routes(sources: Sources) -> tuple[BaseRoute, ...]:
    """The one route. Callers of another account than ours see the proxies of their own meshes."""

    async def shown(request: Request) -> Response:
        type_ = _type(asked(request).get("type"))
        found = _connection(sources, request)
        holdings = [one for one in found.holdings() if type_ in (None, one.type)]
        resources = await asyncio.to_thread(lambda: [_told(one) for one in holdings])
        told = proxy_as_told(found.status, sources.clock.now())
        return JSONResponse({"proxy": told, "resources": resources})

    return (route("/gossamer/v1/proxies/{stream}/config", shown, query=("type",)),)


def _connection(sources: Sources, request: Request) -> Connection:
    number, who = read_number(request.path_params["stream"]), caller(request.scope).account
    found = None if number is None else sources.hub.connection(number)
    if found is None or who not in (sources.account, found.status.account):
        raise NoStream(request.path_params["stream"])
    return found


def _type(text: str | None) -> ResourceType | None:
    if text is None:
        return None
    if text not in TYPES:
        raise InvalidSpec([Violation("type", f"must be one of {', '.join(TYPES)}")])
    return TYPES[text]


def _told(one: Holding) -> dict[str, object]:
    """What is to run of a resource, or ran last of one that is to go; what runs instead, if that differs."""
    newest = one.published or one.sent or one.running
    told: dict[str, object] = {
        "type": one.type.name.lower(),
        "name": one.name,
        "version": _version(one.published),
        "sentVersion": _version(one.sent),
        "runningVersion": _version(one.running),
        "state": one.state.value,
        "config": None if newest is None else config(newest),
    }
    if one.running is not None and _version(one.running) != _version(newest):
        told["running"] = config(one.running)
    return told


def _version(resource: Resource | None) -> str | None:
    return None if resource is None else resource.version
