"""`GET /gossamer/v1/meshes/M/analysis`: what in a mesh is wrong, doubtful or of no use."""

from collections.abc import Iterator, Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from gossamer.analysis.analysis import Known, analysed
from gossamer.analysis.document import document
from gossamer.analysis.expiry import Validity
from gossamer.api.guard import caller
from gossamer.api.own_route import route
from gossamer.certs.pem import certificate
from gossamer.errors import MeshError
from gossamer.insight.sources import Sources, no_such_mesh
from gossamer.mesh.surroundings import Certificate
from gossamer.model.kind import MeshKey


def analysis_routes(sources: Sources) -> tuple[BaseRoute, ...]:
    """The one route. Callers of another account than ours ask about their own meshes."""

    async def analysis(request: Request) -> Response:
        name, account = request.path_params["mesh"], caller(request.scope).account
        mesh = sources.meshes.mesh(MeshKey(account, name))
        problems = sources.meshes.problems(name, account)
        if mesh is None or problems is None:
            return no_such_mesh(name)
        shown = validities(sources.meshes.surroundings.certificates)
        return JSONResponse(document(analysed(mesh, Known(problems, sources.clock.now(), shown))))

    return (route("/gossamer/v1/meshes/{mesh}/analysis", analysis),)


def validities(certificates: Mapping[str, Certificate | None]) -> Mapping[str, Validity]:
    """From when to when the certificates that are known are valid, by ARN, as far as they can be read."""
    return dict(_read(certificates))


def _read(certificates: Mapping[str, Certificate | None]) -> Iterator[tuple[str, Validity]]:
    for arn, found in certificates.items():
        if found is not None:
            try:
                shown = certificate(found.chain)
            except MeshError:
                continue
            yield arn, Validity(shown.not_valid_before_utc, shown.not_valid_after_utc)
