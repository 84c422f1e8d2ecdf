"""What documents no longer name: everything else in their meshes, or what of it has some labels."""

import sys
from collections.abc import Iterator, Mapping, Sequence

from gossamer.errors import InvalidSpec, Violation
from gossamer.insight.change import Goal
from gossamer.model.kind import Kind, MeshKey, Ref
from gossamer.model.spec import Spec
from gossamer.model.tags import TagList
from gossamer.store.batch import Batch


class Prune(Spec):
    """That what the documents do not name is to go."""

    tags: TagList = ()
    """Only what has all of these labels."""

    def labels(self) -> Mapping[str, str]:
        """The labels, by their names."""
        return {tag.key: tag.value for tag in self.tags}


def pruned_meshes(goals: Sequence[Goal], account: str) -> tuple[MeshKey, ...]:
    """The meshes that documents name.

    Raises: InvalidSpec for one of another account: what is in it is others' too.
    """
    named = tuple(dict.fromkeys(goal.ref.key for goal in goals if goal.spec is not None))
    others = [key for key in named if key.account != account]
    if others:
        why = f"works in meshes of your own account; {others[0].mesh} is of account {others[0].account}"
        raise InvalidSpec([Violation("prune", why)])
    return named


def unnamed(
    batch: Batch, goals: Sequence[Goal], meshes: Sequence[MeshKey], labels: Mapping[str, str]
) -> Iterator[Goal]:
    """What is there, and is to go: nothing that is named, or that something named lives in; never a mesh."""
    kept = {goal.ref for goal in goals}
    kept |= {_around(goal.ref) for goal in goals if goal.spec is not None}
    for key in meshes:
        for ref, now in batch.then(key, sys.maxsize).items():
            is_ours = now.owner == key.account and labels.items() <= now.tags.items()
            if is_ours and ref not in kept and ref.kind is not Kind.MESH:
                yield Goal(ref, None, None, {"prune": str(ref)})


def _around(ref: Ref) -> Ref:
    """What a resource lives in."""
    if ref.kind.parent is None or ref.parent is None:
        return Ref(ref.account, ref.mesh, Kind.MESH, ref.mesh)
    return Ref(ref.account, ref.mesh, ref.kind.parent, ref.parent)
