"""`POST /gossamer/v1/meshes/M/explain`: what becomes of a request, step by step, and why."""

from collections.abc import Iterator, Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from gossamer.api.guard import caller
from gossamer.api.own_route import route
from gossamer.compile.fulfil import seen_by
from gossamer.compile.wish import Wishes
from gossamer.errors import InvalidSpec, NotFound, Violation
from gossamer.explain.document import document
from gossamer.explain.explain import explained, sender_of
from gossamer.explain.request import Request as Asked
from gossamer.explain.request import read_request
from gossamer.insight.body import doubled, read_json
from gossamer.insight.meshes import Prospects
from gossamer.insight.sources import Sources, no_such_mesh
from gossamer.mesh.findings import Findings
from gossamer.mesh.snapshot import Mesh
from gossamer.mesh.view import ProxyView
from gossamer.model.kind import MeshKey, Ref

_REQUIRED: Final = ("from", "method", "url")
_MEMBERS: Final = (*_REQUIRED, "headers", "protocol")


def explain_routes(sources: Sources) -> tuple[BaseRoute, ...]:
    """The one route, which only reads. Callers of another account than ours ask about their own meshes."""

    async def explain(request: Request) -> Response:
        name = request.path_params["mesh"]
        mesh = sources.meshes.mesh(MeshKey(caller(request.scope).account, name))
        if mesh is None:
            return no_such_mesh(name)
        asked = read_json(await request.body())
        if twice := list(doubled(asked)):
            raise InvalidSpec(twice)
        wanted = question(asked)
        sender = sender_of(mesh, str(asked["from"]))
        return JSONResponse(document(explained(mesh, seen(sources.prospects, mesh, sender), wanted)))

    return (route("/gossamer/v1/meshes/{mesh}/explain", explain, "POST"),)


def seen(prospects: Prospects, mesh: Mesh, sender: Ref) -> ProxyView:
    """What the proxies of a sender are compiled from; of a gateway's, those that can take one step.

    Raises: NotFound.
    """
    view = prospects.outlook().view(mesh, sender, Findings())
    if view is None:
        raise NotFound(sender)
    wishes = [one for ref, one in prospects.served(mesh.key) if ref == sender]
    can_count = not wishes or any(one.counts_steps for one in wishes)
    return seen_by(view, Wishes(counts_steps=can_count))


def question(asked: Mapping[str, object]) -> Asked:
    """The request that is asked about.

    Raises: InvalidSpec with every violation.
    """
    if violations := list(_wrong(asked)):
        raise InvalidSpec(violations)
    headers = [(name, str(value)) for name, value in _headers(asked)]
    return read_request(str(asked["method"]), str(asked["url"]), headers, str(asked.get("protocol", "")))


def _wrong(found: Mapping[str, object]) -> Iterator[Violation]:
    for name in sorted(found.keys() - set(_MEMBERS)):
        yield Violation(name, f"is no member: there are {', '.join(_MEMBERS)}")
    for name in _REQUIRED:
        if not isinstance(found.get(name), str) or not found[name]:
            yield Violation(name, "is required, as a text")
    if not isinstance(found.get("protocol", ""), str):
        yield Violation("protocol", "must be a text")
    if not isinstance(found.get("headers", {}), dict):
        yield Violation("headers", "must be an object of texts, or of lists of texts")
        return
    for name, value in _headers(found):
        if not isinstance(value, str):
            yield Violation(f"headers.{name}", "must be a text, or a list of texts")


def _headers(asked: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Every header, one that has several values as often."""
    named = asked.get("headers", {})
    for name, value in named.items() if isinstance(named, dict) else ():
        yield from ((name, one) for one in (value if isinstance(value, list) else [value]))
