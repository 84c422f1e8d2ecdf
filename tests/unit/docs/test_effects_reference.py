"""The page of effects is current, whole, and names tests that exist."""

from pathlib import Path

from gossamer.sidecar.env import TABLE
from gossamer.sidecar.variable import Spent
from tests.support.effects import EFFECTS, differences
from tools.make_effects_reference import PAGE, page

ROOT = Path(__file__).resolve().parents[3]


def test_the_page_is_current() -> None:
    assert PAGE.read_text() == page(), "run `make docs`"


def test_every_variable_has_one_effect() -> None:
    assert sorted(effect.variable for effect in EFFECTS) == sorted(variable.name for variable in TABLE)


def test_every_variable_changes_something_or_says_that_it_does_not() -> None:
    idle = {variable.name for variable in TABLE if isinstance(variable, Spent)}
    assert {effect.variable for effect in EFFECTS if not differences(effect)} == idle


def test_every_effect_is_seen_on_a_page_or_shown_by_a_test_that_exists() -> None:
    for effect in EFFECTS:
        path, _, name = effect.shown_by.partition("::")
        if effect.shown_by:
            assert f"def {name}(" in (ROOT / path).read_text(), effect.variable
        else:
            assert effect.run, effect.variable
