"""What the members of shapes mean, read from the source."""

from pydantic import create_model

from gossamer.model.meaning import meanings
from gossamer.model.spec import Spec


class Cup(Spec):
    """A cup."""

    volume: int
    """How much goes in,
    in millilitres."""
    colour: str
    handle: bool | None = None
    """Whether there is one."""


class Mug(Cup):
    """A large one."""

    colour: str
    """What it looks like."""
    handle: bool


def test_the_text_below_a_member_is_its_meaning() -> None:
    assert meanings(Cup) == {
        "volume": "How much goes in,\nin millilitres.",
        "handle": "Whether there is one.",
    }


def test_a_member_that_is_declared_anew_means_what_is_said_there() -> None:
    assert meanings(Mug) == {
        "volume": "How much goes in,\nin millilitres.",
        "colour": "What it looks like.",
    }


def test_a_shape_in_a_function_has_its_own() -> None:
    class Cup(Spec):
        volume: int
        """Another."""

    assert meanings(Cup) == {"volume": "Another."}


def test_what_came_without_its_source_has_none() -> None:
    assert meanings(create_model("Cup", __module__="builtins", volume=int)) == {}


def test_the_schema_tells_it_of_the_member_as_it_is_written() -> None:
    told = Mug.model_json_schema()["properties"]
    assert told["colour"]["description"] == "What it looks like."
    assert "description" not in told["handle"]
