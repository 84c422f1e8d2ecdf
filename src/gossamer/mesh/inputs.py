"""Who looked at which resource: found by the resource, so that a change costs what it touches."""

from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

from gossamer.model.kind import Ref

K = TypeVar("K", bound=Hashable)


class Inputs(Generic[K]):
    """For each of some keys, the resources that were looked at for it."""

    def __init__(self) -> None:
        self._inputs: dict[K, frozenset[Ref]] = {}
        self._keys: dict[Ref, set[K]] = {}

    def put(self, key: K, inputs: frozenset[Ref]) -> None:
        """What was looked at for a key now, instead of what was before."""
        before = self._inputs.get(key, frozenset())
        self._inputs[key] = inputs
        for ref in inputs - before:
            self._keys.setdefault(ref, set()).add(key)
        self._drop(key, before - inputs)

    def remove(self, key: K) -> None:
        """Forget a key."""
        self._drop(key, self._inputs.pop(key, frozenset()))

    def touched(self, refs: Iterable[Ref]) -> list[K]:
        """The keys for which any of these was looked at, each once."""
        return list({key: None for ref in refs for key in self._keys.get(ref, ())})

    def _drop(self, key: K, refs: Iterable[Ref]) -> None:
        for ref in refs:
            keys = self._keys[ref]
            keys.discard(key)
            if not keys:
                del self._keys[ref]


def seen_through(ref: Ref) -> Ref:
    """What a view looked at to see a resource: a route is seen through its router or gateway."""
    if ref.kind.parent is not None and ref.parent is not None:
        return Ref(ref.account, ref.mesh, ref.kind.parent, ref.parent)
    return ref
