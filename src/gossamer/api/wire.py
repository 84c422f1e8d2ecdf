"""Resources as answers: the bare object, no wrapper, times as seconds since 1970 with milliseconds.

Source: App Mesh API 2019-01-25, the `*Data` and `*Ref` shapes; recorded answers of the managed service.
"""

import datetime
from collections.abc import Sequence
from json.encoder import encode_basestring_ascii as quoted

from gossamer.api.kinds import KINDS
from gossamer.model.kind import Kind, Ref
from gossamer.model.revision import Revision, Status


def described(revision: Revision, region: str) -> bytes:
    """What create, describe, update and delete answer."""
    # Put together as text, which takes a quarter of the time; the spec is text already, as it is stored.
    return (
        f'{{{_named(revision.ref)}, "metadata": {{{_dated(revision, region)}, "uid": {quoted(revision.uid)}, '
        f'"version": {revision.version}}}, "status": {{"status": "{revision.status.value}"}}, '
        f'"spec": {_spec(revision)}}}'
    ).encode()


def listed(revisions: Sequence[Revision], kind: Kind, token: str | None, region: str) -> bytes:
    """What a list answers; no token on the last page."""
    entries = ", ".join([_entry(revision, region) for revision in revisions])
    more = "" if token is None else f', "nextToken": {quoted(token)}'
    return f'{{"{KINDS[kind].collection}": [{entries}]{more}}}'.encode()


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


def _entry(revision: Revision, region: str) -> str:
    dated = _dated(revision, region)
    return f'{{{dated}, "version": {revision.version}, {_named(revision.ref)}}}'


def _dated(revision: Revision, region: str) -> str:
    """What there is to tell of a resource wherever it is told of."""
    ref, owner = revision.ref, revision.owner
    return (
        f'"arn": {quoted(ref.arn(region, owner))}, "createdAt": {seconds(revision.created_at)!r}, '
        f'"lastUpdatedAt": {seconds(revision.last_updated_at)!r}, "meshOwner": {quoted(ref.account)}, '
        f'"resourceOwner": {quoted(owner)}'
    )


def _named(ref: Ref) -> str:
    return ", ".join([f'"{member}": {quoted(name)}' for member, name in names(ref).items()])
