"""`GET /gossamer/v1/meshes/M/problems`: what in a mesh cannot work."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from gossamer.api.guard import caller
from gossamer.api.own_route import route
from gossamer.insight.sources import Sources, no_such_mesh


def problem_routes(sources: Sources) -> tuple[BaseRoute, ...]:
    """The one route. Callers of another account than ours ask about their own meshes."""

    async def problems(request: Request) -> Response:
        mesh = request.path_params["mesh"]
        found = sources.meshes.problems(mesh, caller(request.scope).account)
        if found is None:
            return no_such_mesh(mesh)
        return JSONResponse({"problems": [{"resource": str(one.ref), "why": one.why} for one in found]})

    return (route("/gossamer/v1/meshes/{mesh}/problems", problems),)
