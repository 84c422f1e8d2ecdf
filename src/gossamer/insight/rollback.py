"""`POST /gossamer/v1/meshes/M/rollback`: a resource, or a whole mesh, as it was at a moment, written anew."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from gossamer.api.guard import caller
from gossamer.api.own_route import route
from gossamer.errors import Forbidden, InvalidSpec, NotFound, Violation
from gossamer.insight.change import Failed, Goal
from gossamer.insight.expected import Expectation, Expected
from gossamer.insight.history import key_of
from gossamer.insight.moment import Moments
from gossamer.insight.seen import guarded
from gossamer.insight.sources import Sources
from gossamer.insight.writing import Plan, carried_out
from gossamer.model.arn import read_ref
from gossamer.model.input import Input
from gossamer.model.kind import Kind, MeshKey, Ref
from gossamer.model.spec import Spec
from gossamer.store.batch import Batch
from gossamer.store.history import Then


class RollbackInput(Input):
    """The body of a rollback."""

    to: object
    """The moment: a sequence, or a time."""
    resource: str | None = None
    """What to roll back; all of the mesh if it is left out."""
    expected: tuple[Expectation, ...] | None = None
    """All that it may write, each as it was read; without it, whatever has to be written."""
    dry_run: bool | None = None
    """Whether only to tell what would be written."""
    all_proxies: bool | None = None
    """Whether to tell what it does to endpoints without proxies, too."""


def rollback_routes(sources: Sources) -> tuple[BaseRoute, ...]:
    """The one route. Each caller rolls back the meshes of their own account."""

    async def rollback(request: Request) -> Response:
        key = key_of(request)
        body = RollbackInput.from_json(await request.body())
        moments = Moments(sources.history, key)
        await moments.check()
        moment = await moments.sequence("to", body.to)
        only = None if body.resource is None else read_ref("resource", body.resource, key.account)
        if only is not None and only.key != key:
            raise InvalidSpec([Violation("resource", f"must be of mesh {key.mesh}")])
        back = _Back(key, moment, only, caller(request.scope).account)
        seen = None if body.expected is None else _seen(body.expected, key)
        plan = Plan(
            lambda batch: guarded(batch, back.goals(batch), seen),
            is_judged=only is not None,
            is_rehearsal=bool(body.dry_run),
            of_all_proxies=bool(body.all_proxies),
        )
        return await carried_out(sources, request, plan)

    return (route("/gossamer/v1/meshes/{mesh}/rollback", rollback, "POST"),)


def _seen(expected: Sequence[Expectation], key: MeshKey) -> Mapping[Ref, Expected]:
    """What a caller has read, by resource.

    Raises: InvalidSpec.
    """
    seen: dict[Ref, Expected] = {}
    for index, one in enumerate(expected):
        place = f"expected[{index}].resource"
        ref = read_ref(place, one.resource, key.account)
        if ref.key != key:
            raise InvalidSpec([Violation(place, f"must be of mesh {key.mesh}")])
        seen[ref] = one.expected()
    return seen


@dataclass(frozen=True, slots=True)
class _Back:
    """A way back: a mesh, or one resource of it, to a moment, by somebody of an account."""

    key: MeshKey
    moment: int
    only: Ref | None
    account: str

    def goals(self, batch: Batch) -> Sequence[Goal]:
        """What has to be written, as things stand.

        Raises: InvalidSpec if the mesh was not there then, NotFound for a resource that never was, Failed.
        """
        then, now = batch.then(self.key, self.moment), batch.then(self.key, sys.maxsize)
        if self.only is not None:
            if self.only not in then and self.only not in now:
                raise NotFound(self.only)
            return self._goals([self.only], then, now)
        if Ref(self.key.account, self.key.mesh, Kind.MESH, self.key.mesh) not in then:
            why = f"mesh {self.key.mesh} was not there at that moment; to be rid of it, delete it"
            raise InvalidSpec([Violation("to", why)])
        return self._goals(sorted({*then, *now}, key=str), then, now)

    def _goals(
        self, refs: Sequence[Ref], then: Mapping[Ref, Then], now: Mapping[Ref, Then]
    ) -> Sequence[Goal]:
        goals = [self._goal(ref, then.get(ref), now.get(ref)) for ref in refs]
        others = [
            (goal, Forbidden(f"only account {was.owner}, which created it, may create it again"))
            for goal in goals
            if (was := then.get(goal.ref)) is not None and goal.ref not in now and was.owner != self.account
        ]
        if others:
            raise Failed(others)
        return [goal for goal in goals if goal.spec != _spec(now.get(goal.ref))]

    def _goal(self, ref: Ref, then: Then | None, now: Then | None) -> Goal:
        # What is there keeps its labels: they are not part of what it does.
        tags = then.tags if then is not None and now is None else None
        return Goal(ref, _spec(then), tags, {})


def _spec(then: Then | None) -> Spec | None:
    return None if then is None else then.spec
