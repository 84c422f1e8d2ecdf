"""What a caller has looked at: where the server works out what to write, it writes nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from gossamer.insight.change import Failed, Goal
from gossamer.insight.expected import Expected, overtaken
from gossamer.model.kind import Ref
from gossamer.store.batch import Batch


def guarded(batch: Batch, goals: Sequence[Goal], seen: Mapping[Ref, Expected] | None) -> Sequence[Goal]:
    """The goals, each with what is expected of it; as they are if the caller expects nothing.

    Raises: Failed for what has to be written by now, and did not when it was read.
    """
    if seen is None:
        return goals
    others = [goal for goal in goals if goal.ref not in seen]
    if unseen := [(goal, overtaken(goal.ref, batch.get(goal.ref))) for goal in others]:
        raise Failed(unseen)
    return [replace(goal, expected=seen[goal.ref]) for goal in goals]
