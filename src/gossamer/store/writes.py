"""What a write does on one connection: look, judge, write, and add to the log.

Every rule is judged before the first row is touched, but in a batch, which is judged by where it ends. All of
it runs in the writer's thread.
"""

from dataclasses import replace

from sqlalchemy import Connection

from gossamer.clock import Clock
from gossamer.errors import Conflict, Forbidden
from gossamer.model.kind import Kind, Ref
from gossamer.model.revision import Revision, Status
from gossamer.model.spec import Spec
from gossamer.store import shares, statements
from gossamer.store.integrity import check_delete, check_write, used_by
from gossamer.store.log import Action, Entry, Written, logged
from gossamer.store.neighbours import Neighbours
from gossamer.store.reads import missing, read
from gossamer.store.request import Request
from gossamer.store.room import Room
from gossamer.store.rows import at_place, milliseconds, moment, place, remember_spec, revision_of
from gossamer.store.store import Author, Rules
from gossamer.uid import Uids


class Writes:
    """The three kinds of writes. `rules` is what they insist on."""

    def __init__(self, rules: Rules, clock: Clock) -> None:
        self._rules = rules
        self._clock = clock
        self._room = Room(rules.limits)
        self._uids = Uids()

    def create(self, connection: Connection, request: Request, *, is_judged: bool = True) -> Written:
        """Write a resource that is not there yet. One that is not judged now has to be before the end.

        Raises: NotFound for what it would live in, Conflict, LimitExceeded, InvalidSpec.
        """
        ref, now_ms = request.ref, milliseconds(self._clock.now())
        found = statements.CREATION.rows(connection, _circumstances(request, now_ms))[0]
        if ref.kind is not Kind.MESH and found.above is None:
            raise missing(connection, ref)
        if request.is_repeated(found.taken, found):
            return Written(read(connection, ref))
        if found.taken is not None:
            raise Conflict(ref, "is already present")
        self._room.take(connection, ref)
        if is_judged:
            self.judge(connection, ref, request.spec, None)
        now = moment(now_ms)
        revision = Revision(ref, request.spec, self._uids.new(), 1, now, now, request.author.account)
        statements.ADD_RESOURCE.rows(connection, _resource(revision, request))
        _note_uses(connection, request)
        return logged(connection, _entry(request, revision, None))

    def update(self, connection: Connection, request: Request, *, is_judged: bool = True) -> Written:
        """Replace a resource's spec. One that is not judged now has to be before the end.

        Raises: NotFound, Forbidden, Conflict, LimitExceeded, InvalidSpec.
        """
        ref, now_ms = request.ref, milliseconds(self._clock.now())
        asked = place(ref) | request.token_key(now_ms)
        row = statements.AMENDMENT.row(connection, asked)
        if row is None:
            raise missing(connection, ref)
        before = revision_of(row)
        _check_author(before, request.author)
        if request.is_repeated(row.uid, row):
            return Written(before)
        if is_judged:
            self.judge(connection, ref, request.spec, before.spec)
        after = replace(before, spec=request.spec, version=before.version + 1, last_updated_at=moment(now_ms))
        statements.CHANGE_RESOURCE.rows(connection, _changed(after, request.spec_text))
        if tuple(used_by(before.spec)) != tuple(used_by(request.spec)):
            statements.REMOVE_USES.rows(connection, place(ref))
            _note_uses(connection, request)
        return logged(connection, _entry(request, after, row.spec))

    def delete(self, connection: Connection, ref: Ref, author: Author, *, is_judged: bool = True) -> Written:
        """Take a resource away. One that is not judged now has to be before the end.

        A deleted mesh keeps its version, everything else counts on.
        Source: App Mesh user guide, the answers to delete commands.
        Raises: NotFound, Forbidden, InUse.
        """
        row = statements.RESOURCE.row(connection, place(ref))
        if row is None:
            raise missing(connection, ref)
        before = revision_of(row)
        if author.account != ref.account:
            _check_author(before, author)
        if is_judged:
            self.judge(connection, ref, None, before.spec)
        last = replace(
            before,
            version=before.version + (0 if ref.kind is Kind.MESH else 1),
            last_updated_at=moment(milliseconds(self._clock.now())),
            status=Status.DELETED,
        )
        statements.REMOVE_RESOURCE.rows(connection, place(ref))
        if ref.kind is Kind.MESH:
            shares.forget(connection, ref.key)
        return logged(connection, Entry(Action.DELETE, author, last, row.spec, None))

    def judge(self, connection: Connection, ref: Ref, after: Spec | None, before: Spec | None) -> None:
        """Refuse what breaks a rule between resources; None was not there before, or will not be after.

        Raises: InvalidSpec with every violation, InUse, LimitExceeded, NotFound.
        """
        near = Neighbours(connection, ref.key)
        if after is None:
            check_delete(near, ref)
        else:
            check_write(near, ref, after, before, self._rules)


def _check_author(revision: Revision, author: Author) -> None:
    """In a shared mesh each account changes what it created; the owner of the mesh may delete everything.

    Source: App Mesh user guide, shared meshes, permissions.
    Raises: Forbidden.
    """
    if author.account != revision.owner:
        raise Forbidden(f"only account {revision.owner}, which created it, may change {revision.ref}")


def _entry(request: Request, revision: Revision, before: str | None) -> Entry:
    remember_spec(revision.ref.kind, request.spec_text, request.spec)
    # An update leaves the labels alone.
    tags = request.tags_text if request.action is Action.CREATE else None
    return Entry(request.action, request.author, revision, before, request.spec_text, request.digest(), tags)


def _circumstances(request: Request, now_ms: int) -> dict[str, object]:
    """What to ask before a creation: about its own place, what it would live in, and its client token."""
    ref = request.ref
    inside = (Kind.MESH, ref.mesh) if ref.kind.parent is None else (ref.kind.parent, ref.parent or "")
    above = {"above_kind": inside[0].value, "above_name": inside[1]}
    return place(ref) | request.token_key(now_ms) | above


def _resource(revision: Revision, request: Request) -> dict[str, object]:
    return place(revision.ref) | {
        "uid": revision.uid,
        "version": revision.version,
        "created_at": milliseconds(revision.created_at),
        "last_updated_at": milliseconds(revision.last_updated_at),
        "owner": revision.owner,
        "tags": request.tags_text,
        "spec": request.spec_text,
    }


def _changed(after: Revision, text: str) -> dict[str, object]:
    changed_at_ms = milliseconds(after.last_updated_at)
    return at_place(after.ref) | {"version": after.version, "last_updated_at": changed_at_ms, "spec": text}


def _note_uses(connection: Connection, request: Request) -> None:
    rows = [
        place(request.ref) | {"used_kind": kind.value, "used_name": name}
        for kind, name in used_by(request.spec)
    ]
    statements.ADD_USES.many(connection, rows)
