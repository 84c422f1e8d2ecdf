"""Resources as answers: the bare object, no wrapper, times as seconds since 1970 with milliseconds.

Source: App Mesh API 2019-01-25, the `*Data` and `*Ref` shapes; recorded answers of the managed service.
"""

import datetime
import json
from collections.abc import Sequence

from gossamer.api.kinds import KINDS
from gossamer.model.kind import Kind, Ref
from gossamer.model.revision import Revision, Status


def described(revision: Revision, region: str) -> bytes:
    """What create, describe, update and delete answer."""
    metadata = {
        "arn": revision.ref.arn(region, revision.owner),
        "createdAt": seconds(revision.created_at),
        "lastUpdatedAt": seconds(revision.last_updated_at),
        "meshOwner": revision.ref.account,
        "resourceOwner": revision.owner,
        "uid": revision.uid,
        "version": revision.version,
    }
    around = {**names(revision.ref), "metadata": metadata, "status": {"status": revision.status.value}}
    # The spec is text already, as it is stored; it goes in as it is.
    return (json.dumps(around)[:-1] + ', "spec": ' + _spec(revision) + "}").encode()


def listed(revisions: Sequence[Revision], kind: Kind, token: str | None, region: str) -> bytes:
    """What a list answers; no token on the last page."""
    body: dict[str, object] = {KINDS[kind].collection: [_entry(revision, region) for revision in revisions]}
    if token is not None:
        body["nextToken"] = token
    return json.dumps(body).encode()


def names(ref: Ref) -> dict[str, str]:
    """The members that name a resource: its mesh, its parent, itself."""
    found = {"meshName": ref.mesh}
    if ref.parent is not None and ref.kind.parent is not None:
        found[KINDS[ref.kind.parent].name_member] = ref.parent
    return found | {KINDS[ref.kind].name_member: ref.name}


def seconds(at: datetime.datetime) -> float:
    """A time as the API tells it."""
    return round(at.timestamp(), 3)


def _spec(revision: Revision) -> str:
    # A deleted virtual service was answered without its provider.
    if revision.status is Status.DELETED and revision.ref.kind is Kind.VIRTUAL_SERVICE:
        return "{}"
    return revision.spec.to_json()


def _entry(revision: Revision, region: str) -> dict[str, object]:
    return {
        "arn": revision.ref.arn(region, revision.owner),
        "createdAt": seconds(revision.created_at),
        "lastUpdatedAt": seconds(revision.last_updated_at),
        "meshOwner": revision.ref.account,
        "resourceOwner": revision.owner,
        "version": revision.version,
        **names(revision.ref),
    }
