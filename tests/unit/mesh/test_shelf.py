"""A shelf of a mesh is what a dictionary would be, however it came about."""

import random

import pytest

from gossamer.mesh.shelf import SMALL, Layered, Shelf, amended
from gossamer.model.kind import Kind, Ref
from gossamer.model.revision import Revision
from tests.support.meshes import revision

LARGE = 4 * SMALL


def one(name: str, version: int = 1) -> Revision:
    ref = Ref("000000000000", "m", Kind.VIRTUAL_NODE, name)
    return revision(ref, ref.kind, {}, version)


def large() -> Shelf:
    return {f"n{number}": one(f"n{number}") for number in range(LARGE)}


@pytest.mark.parametrize("count", [SMALL // 2, LARGE])
def test_a_shelf_after_many_changes_is_what_a_dictionary_would_be(count: int) -> None:
    chance = random.Random(count)
    model = {f"n{number}": one(f"n{number}") for number in range(count)}
    shelf: Shelf = dict(model)
    for turn in range(60):
        names = [f"n{chance.randrange(count * 2)}" for _ in range(chance.randrange(1, 12))]
        changes = {name: chance.choice([None, one(name, turn)]) for name in names}
        shelf = amended(shelf, changes)
        model = {name: found for name, found in (model | changes).items() if found is not None}
        assert dict(shelf) == model
        assert len(shelf) == len(model)
        assert all(shelf.get(name) is model.get(name) for name in names)


def test_a_large_shelf_is_not_copied_for_one_change() -> None:
    before = large()
    after = amended(before, {"new": one("new")})
    assert isinstance(after, Layered)
    assert after.below is before
    assert "new" not in before


def test_what_lies_over_a_large_shelf_does_not_grow_for_ever() -> None:
    shelf = large()
    for number in range(LARGE):
        shelf = amended(shelf, {f"new{number}": one("n")})
        assert not isinstance(shelf, Layered) or len(shelf.above) < LARGE // 4
    assert len(shelf) == 2 * LARGE


def test_what_was_taken_from_a_large_shelf_is_not_there() -> None:
    after = amended(large(), {"n0": None})
    assert isinstance(after, Layered)
    assert "n0" not in after
    with pytest.raises(KeyError):
        after["n0"]
    assert after.get("n0", "nothing") == "nothing"
    assert after["n1"].ref.name == "n1"
