"""`POST /gossamer/v1/apply`: many documents as one change, all of it or nothing."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from gossamer.api.guard import caller
from gossamer.api.own_route import error_answer, route
from gossamer.errors import InvalidSpec, MeshError, Violation
from gossamer.insight.body import TOO_DEEP, TWICE, Doubled, read_json
from gossamer.insight.change import Goal
from gossamer.insight.document import Unread, goal_of
from gossamer.insight.expected import Expectation, Expected
from gossamer.insight.prune import Prune, pruned_meshes, unnamed
from gossamer.insight.seen import guarded
from gossamer.insight.sources import Sources
from gossamer.insight.writing import Plan, carried_out
from gossamer.model.arn import read_ref
from gossamer.model.kind import MeshKey, Ref
from gossamer.model.spec import Spec
from gossamer.store.batch import Batch

Wrong = dict[str, object]

#: How many broken rules are told at most: whoever breaks more has sent something else than was meant.
MOST_WRONG: Final = 1000


#: Said of a resource that another document, or a name of what shall be gone, is about as well.
NAMED_TWICE: Final = "is named more than once"


class ApplyInput(Spec):
    """The body of an apply."""

    documents: tuple[object, ...] = ()
    """What shall be there, each as a document."""
    delete: tuple[str, ...] = ()
    """What shall be gone, each by its name."""
    prune: Prune | None = None
    """That what is in the documents' meshes and none of them names shall be gone."""
    expected: tuple[Expectation, ...] | None = None
    """What is written only if it is still as it was read; all that is pruned, if anything is named here."""
    dry_run: bool | None = None
    """Whether only to tell what would be written."""
    all_proxies: bool | None = None
    """Whether to tell what it does to endpoints without proxies, too."""


class Misread(MeshError):
    """Documents break rules by themselves: each rule, with its document and its path."""

    def __init__(self, wrong: Sequence[Wrong]) -> None:
        self.wrong = list(wrong)
        super().__init__(self.wrong)

    def __str__(self) -> str:
        """The sentence: how many rules are broken, and the first few."""
        told = "; ".join(_sentence(one) for one in self.wrong[:10])
        least = "at least " if len(self.wrong) == MOST_WRONG else ""
        return told if len(self.wrong) == 1 else f"{least}{len(self.wrong)} violations: {told}"


def apply_routes(sources: Sources) -> tuple[BaseRoute, ...]:
    """The one route."""

    async def apply(request: Request) -> Response:
        body, account = await request.body(), caller(request.scope).account
        try:
            # A large body takes long to read; others are answered meanwhile.
            wanted, shape = await asyncio.to_thread(_read, body, account)
        except Misread as error:
            more = {"message": str(error), "violations": error.wrong}
            return error_answer(InvalidSpec(()), more)
        except RecursionError:
            raise InvalidSpec([TOO_DEEP]) from None
        plan = Plan(
            wanted.goals,
            is_judged=True,
            is_rehearsal=bool(shape.dry_run),
            of_all_proxies=bool(shape.all_proxies),
        )
        return await carried_out(sources, request, plan)

    return (route("/gossamer/v1/apply", apply, "POST"),)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is named, and whether the rest of the meshes is to go; `seen` is what the caller had read."""

    named: Sequence[Goal]
    prune: Prune | None
    meshes: Sequence[MeshKey]
    seen: Mapping[Ref, Expected] | None

    def goals(self, batch: Batch) -> Sequence[Goal]:
        """What has to be written, as things stand.

        Raises: Failed.
        """
        if self.prune is None:
            return self.named
        going = list(unnamed(batch, self.named, self.meshes, self.prune.labels()))
        return [*self.named, *guarded(batch, going, self.seen)]


def _read(body: bytes, account: str) -> tuple[_Wanted, ApplyInput]:
    """What a body asks for.

    Raises: InvalidSpec, Misread.
    """
    # Read twice: as a shape, and so that an object that means two things is found in its document.
    raw = read_json(body)
    shape = ApplyInput.from_json(body or "{}")
    if isinstance(raw, Doubled):
        raise InvalidSpec([Violation(name, TWICE) for name in raw.names])
    goals: list[Goal] = []
    documents = raw.get("documents", ())
    unread = _unread(documents if isinstance(documents, list) else (), account, goals)
    unnamed = _unnamed(shape.delete, account, goals)
    if wrong := list(islice(chain(unread, unnamed, _repeated(goals)), MOST_WRONG)):
        raise Misread(wrong)
    meshes = pruned_meshes(goals, account) if shape.prune is not None else ()
    seen = None if shape.expected is None else _seen(goals, shape.expected, meshes, account)
    named = [replace(goal, expected=(seen or {}).get(goal.ref)) for goal in goals]
    return _Wanted(named, shape.prune, meshes, seen), shape


def _seen(
    goals: Sequence[Goal], expected: Sequence[Expectation], pruned: Sequence[MeshKey], account: str
) -> Mapping[Ref, Expected]:
    """What is expected of each resource.

    Raises: InvalidSpec for an expectation of what is not written, which would hold nothing.
    """
    held: dict[Ref, Expected] = {}
    written = {goal.ref for goal in goals}
    for index, one in enumerate(expected):
        place = f"expected[{index}].resource"
        # A name says no account: in a mesh that is shared, it is of what this change is about.
        named = [ref for ref in written if str(ref) == one.resource]
        ref = named[0] if len(named) == 1 else read_ref(place, one.resource, account)
        if ref not in written and ref.key not in pruned:
            raise InvalidSpec([Violation(place, "must be a resource that this change writes or deletes")])
        held[ref] = one.expected()
    return held


def _unread(documents: Sequence[object], account: str, goals: list[Goal]) -> Iterator[Wrong]:
    """What is wrong with documents; what the others ask for is added to the goals."""
    for index, document in enumerate(documents):
        try:
            goals.append(goal_of(document, index, account))
        except Unread as error:
            yield from ({"document": index, "path": one.path, "why": one.why} for one in error.violations)


def _unnamed(names: Sequence[str], account: str, goals: list[Goal]) -> Iterator[Wrong]:
    """What is wrong with the names of what shall be gone; the others are added to the goals."""
    for index, name in enumerate(names):
        try:
            goals.append(Goal(read_ref(f"delete[{index}]", name, account), None, None, {"delete": index}))
        except InvalidSpec as error:
            yield from ({"delete": index, "path": "", "why": one.why} for one in error.violations)


def _repeated(goals: Sequence[Goal]) -> Iterator[Wrong]:
    """Resources that are named more than once."""
    first: dict[object, Goal] = {}
    for goal in goals:
        other = first.setdefault(goal.ref, goal)
        if other is not goal:
            yield {**goal.where, "path": "", "why": f"{goal.ref} {NAMED_TWICE}"}


def _sentence(wrong: Wrong) -> str:
    word = "document" if "document" in wrong else "delete"
    path = f"{wrong['path']}: " if wrong["path"] else ""
    return f"{word} {wrong[word]}: {path}{wrong['why']}"
