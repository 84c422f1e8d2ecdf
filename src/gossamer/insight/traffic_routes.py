"""`GET /gossamer/v1/meshes/M/traffic`: what goes where, how much of it succeeds, and how long it takes."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from gossamer.api.guard import caller
from gossamer.api.own_route import route
from gossamer.clock import iso
from gossamer.insight.sources import Sources, no_such_mesh
from gossamer.insight.traffic import Json
from gossamer.model.kind import MeshKey


def traffic_routes(sources: Sources) -> tuple[BaseRoute, ...]:
    """The one route. Callers of another account than ours ask about their own meshes."""

    async def shown(request: Request) -> Response:
        mesh = MeshKey(caller(request.scope).account, request.path_params["mesh"])
        if sources.meshes.mesh(mesh) is None:
            return no_such_mesh(mesh.mesh)
        return JSONResponse(traffic_as_told(sources, mesh))

    return (route("/gossamer/v1/meshes/{mesh}/traffic", shown),)


def traffic_as_told(sources: Sources, mesh: MeshKey) -> Json:
    """The traffic of a mesh; who looks at it makes its proxies tell often."""
    sources.feed.ledger.look(mesh)
    return {"at": iso(sources.clock.now()), **sources.feed.ledger.traffic(mesh)}
