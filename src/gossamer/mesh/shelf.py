"""A shelf of a mesh: resources by name, immutable. A large one is changed without copying all of it.

A small shelf is a dictionary. What changes on a large one is laid over it, until so much lies there that one
copy of all costs less than the many copies of what lies there.
"""

from collections.abc import Iterator, Mapping
from typing import Final, TypeVar, overload

from gossamer.model.revision import Revision

T = TypeVar("T")

Shelf = Mapping[str, Revision]

#: Up to so many resources, a copy takes a microsecond.
SMALL: Final = 256

#: How many resources a change brings along when many are made at once: with the square root of so many times
#: a shelf's length, the copies of what lies over it and those of all of it cost the same.
AT_ONCE: Final = 16


class Layered(Mapping[str, Revision]):
    """A shelf, and what was laid over it; None hides a name."""

    __slots__ = ("above", "below")

    def __init__(self, below: Shelf, above: Mapping[str, Revision | None]) -> None:
        self.below = below
        self.above = above

    def __getitem__(self, name: str) -> Revision:
        found = self.get(name)
        if found is None:
            raise KeyError(name)
        return found

    @overload
    def get(self, name: str, /) -> Revision | None: ...
    @overload
    def get(self, name: str, /, default: Revision | T) -> Revision | T: ...
    def get(self, name: str, /, default: Revision | T | None = None) -> Revision | T | None:
        """One resource, or what to take if it is not there."""
        found = self.above[name] if name in self.above else self.below.get(name)
        return default if found is None else found

    def __iter__(self) -> Iterator[str]:
        yield from (name for name in self.below if name not in self.above)
        yield from (name for name, revision in self.above.items() if revision is not None)

    def __len__(self) -> int:
        there = ((revision is not None) - (name in self.below) for name, revision in self.above.items())
        return len(self.below) + sum(there)

    def __bool__(self) -> bool:
        """Never empty: more lies below than may lie above."""
        return True


def amended(shelf: Shelf, changes: Mapping[str, Revision | None]) -> Shelf:
    """The shelf after some changes; None takes a resource away."""
    below = shelf.below if isinstance(shelf, Layered) else shelf
    above = {**shelf.above, **changes} if isinstance(shelf, Layered) else changes
    if len(below) > SMALL and len(above) ** 2 <= AT_ONCE * len(below):
        return Layered(below, above)
    return _copied(below, above)


def _copied(below: Shelf, above: Mapping[str, Revision | None]) -> dict[str, Revision]:
    """A dictionary of all; copied as a whole, which takes a tenth of what taking it name by name does."""
    copy = dict(below)
    for name, revision in above.items():
        if revision is None:
            copy.pop(name, None)
        else:
            copy[name] = revision
    return copy
