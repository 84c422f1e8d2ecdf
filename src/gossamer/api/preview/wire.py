"""Resources as the preview API answers them: the bare object, and no more than this version has words for.

Source: App Mesh API 2018-10-01, the `*Data` and `*Ref` shapes.
"""

import json
from collections.abc import Sequence

from gossamer.api.kinds import KINDS
from gossamer.api.preview import node, route, shape
from gossamer.api.wire import names, seconds
from gossamer.model.kind import Kind
from gossamer.model.revision import Revision
from gossamer.model.route import RouteSpec
from gossamer.model.spec import Spec
from gossamer.model.virtual_node import VirtualNodeSpec
from gossamer.model.virtual_router import VirtualRouterSpec


def described(revision: Revision, services: Sequence[str], region: str) -> bytes:
    """What create, describe, update and delete answer; `services` are the names that a router answers for."""
    metadata = {
        "arn": revision.ref.arn(region, revision.owner),
        "createdAt": seconds(revision.created_at),
        "lastUpdatedAt": seconds(revision.last_updated_at),
        "uid": revision.uid,
        "version": revision.version,
    }
    body = {**names(revision.ref), "metadata": metadata, "status": {"status": revision.status.value}}
    if revision.ref.kind is not Kind.MESH:
        shown = _shown(revision.spec, services)
        body["spec"] = {} if shown is None else json.loads(shown.to_json())
    return json.dumps(body).encode()


def listed(revisions: Sequence[Revision], kind: Kind, token: str | None, region: str) -> bytes:
    """What a list answers; no token on the last page."""
    entries = [{"arn": one.ref.arn(region, one.owner), **names(one.ref)} for one in revisions]
    body: dict[str, object] = {KINDS[kind].collection: entries}
    if token is not None:
        body["nextToken"] = token
    return json.dumps(body).encode()


def _shown(spec: Spec, services: Sequence[str]) -> Spec | None:
    match spec:
        case VirtualNodeSpec():
            return node.shown(spec)
        case VirtualRouterSpec():
            # One that later versions gave more names than this one takes is shown with all of them.
            return shape.VirtualRouterSpec.model_construct(service_names=tuple(services))
        case RouteSpec():
            return route.shown(spec)
        case _:
            return None
