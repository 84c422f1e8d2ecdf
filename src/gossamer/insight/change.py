"""A change of several resources: what is wanted, whether the caller may, what it comes to.

Everything is written first and judged by where it ends, so that an order of the caller's is never needed.
Whatever is wrong is told at once, each with the resource and the place in the request that it is about.
"""

import enum
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from gossamer.api.audit import Auditor, ChangeNote
from gossamer.api.authorize import SERVICE, SHARED_KINDS, Place, allow, references
from gossamer.api.call import Call
from gossamer.api.request import Caller
from gossamer.api.wire import described, names
from gossamer.errors import Forbidden, InvalidSpec, MeshError, NotFound, Violation
from gossamer.insight.expected import Expected, found
from gossamer.insight.unified import revision_document, spec_document, unified, with_labels
from gossamer.model.kind import Kind, Ref
from gossamer.model.permission import Demand
from gossamer.model.revision import Revision
from gossamer.model.spec import Spec
from gossamer.store.batch import Batch
from gossamer.store.store import NO_TAGS

#: What is written before what: a parent before what lives in it, then what others name before they name it.
ORDER: Final = (
    Kind.MESH,
    Kind.VIRTUAL_NODE,
    Kind.VIRTUAL_ROUTER,
    Kind.ROUTE,
    Kind.VIRTUAL_SERVICE,
    Kind.VIRTUAL_GATEWAY,
    Kind.GATEWAY_ROUTE,
)


class Action(enum.Enum):
    """What becomes of a resource."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Goal:
    """What a resource shall be: this spec, with these labels if any are named; None for gone.

    `where` is the place in the request that says so: `{"document": 3}`. `expected` is what it must be until
    then, if that matters; `basis` what it was when the document was read, which matters if that is still it.
    """

    ref: Ref
    spec: Spec | None
    tags: Mapping[str, str] | None
    where: Mapping[str, object]
    expected: Expected | None = None
    basis: Expected | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a resource.

    `written` is the last revision that was written of it, also of one that is gone. `tags_before` and `tags`
    are its labels, if they changed.
    """

    ref: Ref
    action: Action
    before: Revision | None
    after: Revision | None
    written: Revision | None = None
    tags_before: Mapping[str, str] | None = None
    tags: Mapping[str, str] | None = None

    def document(self) -> dict[str, object]:
        """As our routes tell it."""
        before, after = (revision_document(one) for one in (self.before, self.after))
        labels = {} if self.tags is None else {"tags": {"before": self.tags_before, "after": self.tags}}
        old, new = with_labels(before, self.tags_before), with_labels(after, self.tags)
        diff = unified(str(self.ref), old, new)
        told = {"resource": str(self.ref), "action": self.action.value, "before": before, "after": after}
        return {**told, "diff": diff, **labels, "expected": found(self.ref, self.before)}


class Failed(MeshError):
    """What is wanted cannot be: every reason, with the goal that it is about."""

    def __init__(self, reasons: Sequence[tuple[Goal, MeshError]]) -> None:
        self.reasons = tuple(reasons)
        super().__init__(self.reasons)

    @property
    def first(self) -> MeshError:
        """The reason that names the error."""
        return self.reasons[0][1]

    def __str__(self) -> str:
        """The sentence: the one reason, or how many there are, and the first few."""
        told = [f"{goal.ref}: {error}" for goal, error in self.reasons[:10]]
        count = len(self.reasons)
        if count == 1:
            return told[0]
        return f"{count} resources cannot be changed like this: " + "; ".join(told)

    def violations(self) -> list[dict[str, object]]:
        """Each broken rule with its place in the request."""
        return [
            {**goal.where, "resource": str(goal.ref), "path": one.path, "why": one.why}
            for goal, error in self.reasons
            for one in _violations(error)
        ]


def _violations(error: MeshError) -> Iterator[Violation]:
    if isinstance(error, InvalidSpec):
        yield from error.violations
    else:
        yield Violation("", str(error))


@dataclass(frozen=True, slots=True)
class Carrier:
    """Carries goals out for a caller, inside a batch. `region` stands in every ARN."""

    batch: Batch
    caller: Caller
    region: str

    def carry_out(self, goals: Sequence[Goal], *, is_judged: bool = True) -> tuple[Change, ...]:
        """Write all that is wanted, and return what became of each, in the order of the goals.

        A mesh that is put back as a whole need not be judged: it has been like that.
        Raises: Failed.
        """
        changes: dict[Ref, Change] = {}
        reasons: list[tuple[Goal, MeshError]] = []
        for goal in in_order(goals):
            try:
                changes[goal.ref] = self._reached(goal)
            except MeshError as error:
                if not _is_below(goal, reasons):
                    reasons.append((goal, error))
        if is_judged and not reasons:
            reasons.extend(self._judged(goals, changes))
        if reasons:
            raise Failed(reasons)
        return tuple(changes[goal.ref] for goal in goals)

    def _judged(
        self, goals: Sequence[Goal], changes: Mapping[Ref, Change]
    ) -> Iterator[tuple[Goal, MeshError]]:
        for goal in goals:
            change = changes[goal.ref]
            if change.action is not Action.NONE:
                try:
                    self.batch.judge(goal.ref, None if change.before is None else change.before.spec)
                except MeshError as error:
                    yield goal, error

    def _reached(self, goal: Goal) -> Change:
        """One goal, reached."""
        self._check_share(goal.ref)
        before = self.batch.get(goal.ref)
        if goal.expected is not None:
            goal.expected.check(goal.ref, before)
        change = self._carried_out(goal, before)
        # What a file was made of matters only if the file would change something now.
        if goal.basis is not None and change.action is not Action.NONE and goal.basis.is_about(before):
            goal.basis.check(goal.ref, before)
        return change

    def _carried_out(self, goal: Goal, before: Revision | None) -> Change:
        if goal.spec is None:
            return self._removed(goal, before)
        if before is None:
            self._allow("Create", goal, None)
            made = self.batch.create(goal.ref, goal.spec, goal.tags or NO_TAGS)
            return Change(goal.ref, Action.CREATE, None, made, made, None, goal.tags or None)
        return self._amended(goal, goal.spec, before)

    def _removed(self, goal: Goal, before: Revision | None) -> Change:
        if before is None:
            raise NotFound(goal.ref)
        self._allow("Delete", goal, before)
        return Change(goal.ref, Action.DELETE, before, None, self.batch.delete(goal.ref))

    def _amended(self, goal: Goal, spec: Spec, before: Revision) -> Change:
        change = Change(goal.ref, Action.NONE, before, before)
        if before.spec != spec:
            self._allow("Update", goal, before)
            after = self.batch.update(goal.ref, spec)
            change = replace(change, action=Action.UPDATE, after=after, written=after)
        if goal.tags is None or goal.tags == (tags := self.batch.tags(goal.ref)):
            return change
        self._label(goal, before, tags)
        return replace(change, action=Action.UPDATE, tags_before=tags, tags=goal.tags)

    def _label(self, goal: Goal, before: Revision, tags: Mapping[str, str]) -> None:
        """Give a resource the labels that are named, and no others."""
        wanted = goal.tags or NO_TAGS
        if before.owner != self.caller.account:
            why = f"only account {before.owner}, which created it, handles the tags of {goal.ref}"
            raise Forbidden(why)
        arn = goal.ref.arn(self.region, before.owner)
        added = {key: value for key, value in wanted.items() if tags.get(key) != value}
        gone = tuple(key for key in tags if key not in wanted)
        if added:
            allow(self.caller, Demand(f"{SERVICE}:TagResource", arn, tags, added, tuple(added)))
        if gone:
            allow(self.caller, Demand(f"{SERVICE}:UntagResource", arn, tags, tag_keys=gone))
        self.batch.label(goal.ref, wanted)

    def _check_share(self, ref: Ref) -> None:
        """Refuse what is of another account and not shared, or not to be written there.

        Raises: NotFound, Forbidden.
        """
        if not self.caller.reaches(ref.key):
            raise NotFound(Ref(ref.account, ref.mesh, Kind.MESH, ref.mesh))
        if ref.account != self.caller.account and ref.kind not in SHARED_KINDS:
            raise Forbidden(f"a {ref.noun} cannot be written in a mesh that another account shares")

    def _allow(self, verb: str, goal: Goal, before: Revision | None) -> None:
        """Ask the caller's policies about a resource and all that it names.

        Raises: Refused.
        """
        if self.caller.key is None:
            return
        action = f"{SERVICE}:{verb}{goal.ref.noun}"
        requested = (goal.tags or NO_TAGS) if verb == "Create" else NO_TAGS
        named = references(goal.spec) if goal.spec is not None else ()
        key = goal.ref.key
        for place in (
            Place(goal.ref, is_new=before is None),
            *(Place(Ref(key.account, key.mesh, kind, name)) for kind, name in named),
        ):
            arn, tags = self._described(place)
            allow(self.caller, Demand(action, arn, tags, requested, tuple(requested)))

    def _described(self, place: Place) -> tuple[str, Mapping[str, str]]:
        """The ARN of a resource, and its labels. One that is not there would be of the caller's account."""
        found = None if place.is_new else self.batch.get(place.ref)
        if found is None:
            return place.ref.arn(self.region, self.caller.account), NO_TAGS
        return place.ref.arn(self.region, found.owner), self.batch.tags(place.ref)


def in_order(goals: Iterable[Goal]) -> Iterator[Goal]:
    """Goals in an order that works: what is to be there from the outside in, the rest from the inside out."""
    listed = list(goals)
    yield from sorted(
        (one for one in listed if one.spec is not None), key=lambda one: ORDER.index(one.ref.kind)
    )
    going = (one for one in listed if one.spec is None)
    yield from sorted(going, key=lambda one: ORDER.index(one.ref.kind), reverse=True)


def _is_below(goal: Goal, reasons: Iterable[tuple[Goal, MeshError]]) -> bool:
    """Whether it failed only because what it would live in did."""
    if goal.spec is None:
        return False
    return any(
        failed.ref.key == goal.ref.key
        and (failed.ref.kind is Kind.MESH or (failed.ref.kind, failed.ref.name) == _around(goal.ref))
        for failed, _ in reasons
    )


def _around(ref: Ref) -> tuple[Kind | None, str | None]:
    return ref.kind.parent, ref.parent


def note(auditor: Auditor | None, call: Call, changes: Iterable[Change], region: str) -> None:
    """Tell the audit log of every resource that was written, as the operations that it amounts to."""
    if auditor is not None:
        for change in changes:
            for found in _notes(change, region):
                auditor.note_change(call, found)


def _notes(change: Change, region: str) -> Iterator[ChangeNote]:
    tags = (
        None if change.tags is None else [{"key": key, "value": value} for key, value in change.tags.items()]
    )
    if (written := change.written) is not None:
        asked: dict[str, object] = dict(names(change.ref))
        if change.after is not None:
            asked["spec"] = spec_document(change.after.spec)
        if change.action is Action.CREATE and tags is not None:
            asked["tags"] = tags
        name = f"{change.action.value.title()}{change.ref.noun}"
        arn = change.ref.arn(region, written.owner)
        yield ChangeNote(name, arn, json.dumps(asked).encode(), described(written, region))
    if change.before is not None and tags is not None:
        arn = change.ref.arn(region, change.before.owner)
        asked = {"resourceArn": arn, "tags": tags}
        yield ChangeNote("TagResource", arn, json.dumps(asked).encode(), b"{}")
