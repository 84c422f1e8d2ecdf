"""Carrying out a change for one of our routes: as one transaction, audited, told as it came out."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gossamer.api.guard import call_of, caller, may_read
from gossamer.api.own_route import error_answer
from gossamer.api.request import Caller
from gossamer.insight.change import Carrier, Change, Failed, Goal, note
from gossamer.insight.effects import Affected, affected, told_effects
from gossamer.insight.sources import Sources
from gossamer.store.batch import Batch
from gossamer.store.store import Author


@dataclass(frozen=True, slots=True)
class Plan:
    """What to write, once it is known what is there; whether to tell of endpoints without proxies too."""

    goals: Callable[[Batch], Sequence[Goal]]
    is_judged: bool
    is_rehearsal: bool
    of_all_proxies: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was written; `sequence` is where the log ends with it, None if nothing had to change."""

    changes: tuple[Change, ...]
    sequence: int | None


async def carried_out(sources: Sources, request: Request, plan: Plan) -> Response:
    """Carry out a plan, and answer what it came to.

    Raises: MeshError.
    """
    who = caller(request.scope)

    def work(batch: Batch) -> Outcome:
        carrier = Carrier(batch, who, sources.region)
        changes = carrier.carry_out(plan.goals(batch), is_judged=plan.is_judged)
        return Outcome(changes, batch.sequence)

    author = Author(who.account, who.principal)
    try:
        outcome = await sources.batches.carry_out(work, author=author, is_rehearsal=plan.is_rehearsal)
    except Failed as failed:
        return failure(failed)
    if not plan.is_rehearsal:
        note(sources.auditor, call_of(request.scope), outcome.changes, sources.region)
    meshes = _affected(sources, who, outcome.changes, of_all=plan.of_all_proxies)
    outlook = sources.prospects.outlook()

    def answer() -> Response:
        effects = told_effects(meshes, outlook) if may_read(who) else {}
        return JSONResponse({**told(outcome, is_rehearsal=plan.is_rehearsal), **effects})

    # What a large change comes to takes long to tell; others are answered meanwhile.
    return await asyncio.to_thread(answer)


def _affected(
    sources: Sources, who: Caller, changes: Sequence[Change], *, of_all: bool
) -> Sequence[Affected]:
    """The meshes that changes are about, as far as the caller may look at their proxies."""
    served = sources.prospects.served
    return [
        affected(sources.meshes.mesh(key), key, changes, None if of_all else served(key))
        for key in dict.fromkeys(change.ref.key for change in changes)
        if who.account in (sources.account, key.account)
    ]


def told(outcome: Outcome, *, is_rehearsal: bool) -> Mapping[str, object]:
    """An outcome as our routes tell it; what was only tried has no place in the log."""
    changes = [change.document() for change in outcome.changes]
    is_written = outcome.sequence is not None and not is_rehearsal
    return {"changes": changes, **({"sequence": outcome.sequence} if is_written else {})}


def failure(failed: Failed) -> Response:
    """What is answered where nothing was written."""
    return error_answer(failed.first, {"message": str(failed), "violations": failed.violations()})
