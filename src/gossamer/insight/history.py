"""What was changed in a mesh, by whom and when, and how it differs between two moments.

`GET /gossamer/v1/meshes/M/history`, `…/history/SEQUENCE`, `…/diff`.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from gossamer.api.guard import caller
from gossamer.api.own_route import asked, route
from gossamer.clock import iso
from gossamer.errors import InvalidSpec, NotFound, Violation
from gossamer.insight.moment import NOW, Moments, read_number, time_of
from gossamer.insight.sources import Sources
from gossamer.insight.unified import revision_document, spec_document, unified
from gossamer.model.arn import read_ref
from gossamer.model.kind import Kind, MeshKey, Ref
from gossamer.store.history import Moves, Past, PastQuery

#: How many revisions a page holds, at most and by default.
MOST: Final = 1000
PAGE: Final = 100


def history_routes(sources: Sources) -> tuple[BaseRoute, ...]:
    """The three routes. Each caller sees the meshes of their own account."""
    told = _Told(sources)
    base = "/gossamer/v1/meshes/{mesh}"
    return (
        route(f"{base}/history", told.listed, query=_MEMBERS),
        route(f"{base}/history/{{sequence}}", told.one),
        route(f"{base}/diff", told.differing, query=("from", "to", "resource")),
    )


@dataclass(frozen=True, slots=True)
class _Told:
    """The log, as the routes tell it."""

    sources: Sources

    async def listed(self, request: Request) -> Response:
        """Revisions, newest first."""
        moments = Moments(self.sources.history, key_of(request))
        query = _query(asked(request), moments.key)
        page = await self.sources.history.page(moments.key, query)
        if not page.entries:
            await moments.check()
        more = {} if page.next is None else {"nextToken": str(page.next)}
        return JSONResponse({"revisions": [_revision(one) for one in page.entries], **more})

    async def one(self, request: Request) -> Response:
        """One revision, with what it changed."""
        key = key_of(request)
        number = read_number(request.path_params["sequence"])
        found = None if number is None else await self.sources.history.entry(key, number)
        if found is None:
            raise NoRevision(key.mesh, request.path_params["sequence"])
        tags = {} if found.tags is None else {"tags": found.tags}
        specs = _compared(found.ref, spec_document(found.before), spec_document(found.after))
        return JSONResponse({**_revision(found), **specs, **tags})

    async def differing(self, request: Request) -> Response:
        """What differs between two moments."""
        moments = Moments(self.sources.history, key_of(request))
        await moments.check()
        query = asked(request)
        if "from" not in query:
            raise InvalidSpec([Violation("from", "is required")])
        first = await moments.sequence("from", query["from"])
        second = await moments.sequence("to", query.get("to", NOW))
        only = resource_of(query, moments.key)
        moves = await self.sources.history.moves(moments.key, first, second)
        wanted = [one for one in moves if only in (None, one.ref)]
        return await asyncio.to_thread(lambda: JSONResponse({"changes": [_moved(one) for one in wanted]}))


def _moved(move: Moves) -> dict[str, object]:
    compared = _compared(move.ref, revision_document(move.before), revision_document(move.after))
    return {"resource": str(move.ref), **compared}


def _compared(ref: Ref, before: object, after: object) -> dict[str, object]:
    """Two specs of a resource, and what differs."""
    return {"before": before, "after": after, "diff": unified(str(ref), before, after)}


class NoRevision(NotFound):
    """The mesh has no such revision."""

    def __init__(self, mesh: str, sequence: str) -> None:
        super().__init__(Ref("", mesh, Kind.MESH, mesh))
        self.sequence = sequence

    def __str__(self) -> str:
        """Which."""
        return f"Mesh {self.ref.mesh} has no revision {self.sequence[:20]}"


def key_of(request: Request) -> MeshKey:
    """The mesh in a path; it is one of the caller's account."""
    return MeshKey(caller(request.scope).account, request.path_params["mesh"])


def resource_of(query: Mapping[str, object], key: MeshKey) -> Ref | None:
    """The resource of a mesh that is asked for; None for all of it.

    Raises: InvalidSpec for what is no name, or one of another mesh.
    """
    text = query.get("resource")
    if text is None:
        return None
    ref = read_ref("resource", str(text), key.account)
    if ref.key != key:
        raise InvalidSpec([Violation("resource", f"must be of mesh {key.mesh}")])
    return ref


def _size(text: str) -> int:
    found = read_number(text) or 0
    if not 1 <= found <= MOST:
        raise InvalidSpec([Violation("limit", f"must be between 1 and {MOST}")])
    return found


def _start(text: str) -> int:
    found = read_number(text)
    if found is None:
        raise InvalidSpec([Violation("nextToken", "is not a token that this list gave out")])
    return found


#: What callers say → the member of a query, and how its value is read.
_READERS: Final[Mapping[str, tuple[str, Callable[[str], object]]]] = {
    "limit": ("limit", _size),
    "nextToken": ("before", _start),
    "since": ("since", lambda text: time_of("since", text)),
    "until": ("until", lambda text: time_of("until", text)),
}
_MEMBERS: Final = ("resource", *_READERS)


def _query(given: Mapping[str, str], key: MeshKey) -> PastQuery:
    members: dict[str, object] = {"limit": PAGE, "ref": resource_of(given, key)}
    for name, (member, read) in _READERS.items():
        if name in given:
            members[member] = read(given[name])
    return PastQuery(**members)  # type: ignore[arg-type]  # each reader gives what its member takes


def _revision(past: Past) -> dict[str, object]:
    return {
        "sequence": past.sequence,
        "at": iso(past.at),
        "action": past.action.value,
        "principal": past.principal,
        "resource": str(past.ref),
        "kind": past.ref.kind.value,
        "version": past.version,
        "uid": past.uid,
    }
