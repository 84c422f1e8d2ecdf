"""What the public description of the service bounds is bounded when a body is read, not only declared."""

import json
from collections.abc import Iterator
from typing import Final

import botocore.session
import pytest
from botocore.model import ListShape, Shape, StringShape, StructureShape

from gossamer.errors import InvalidSpec, Violation
from gossamer.model.spec import Spec
from tools.make_reference import shapes, stems

SERVICE: Final = botocore.session.get_session().get_service_model("appmesh", "2019-01-25")
SPECS: Final = [shape for module in stems() for shape in shapes(module) if issubclass(shape, Spec)]
#: The one scalar that the API leaves open and we close.
CLOSED: Final = "HttpRetryPolicyEvent"

Case = tuple[type[Spec], str, Shape]


def violations(spec: type[Spec], body: object) -> tuple[Violation, ...]:
    try:
        spec.from_json(json.dumps(body))
    except InvalidSpec as error:
        return error.violations
    return ()


def members(spec: type[Spec]) -> Iterator[tuple[str, Shape]]:
    shape: StructureShape = SERVICE.shape_for(spec.__name__)
    for name, member in shape.members.items():
        if "location" not in member.serialization:
            yield name, member


def cases(trait: str) -> list[Case]:
    """Every scalar member, and every item of a list, whose shape has a trait."""
    found = []
    for spec in SPECS:
        for name, shape in members(spec):
            scalar = shape.member if isinstance(shape, ListShape) else shape
            if trait in scalar.metadata and not isinstance(scalar, StructureShape) and scalar.name != CLOSED:
                found.append((spec, name, scalar))
    return found


def named(case: Case) -> str:
    return f"{case[0].__name__}.{case[1]}"


def sentences(case: Case, value: object) -> list[str]:
    """What is said of one value at its place; other members are missing, and that is said elsewhere."""
    spec, name, _ = case
    is_list = isinstance(SERVICE.shape_for(spec.__name__).members[name], ListShape)
    body, path = ({name: [value]}, f"{name}[0]") if is_list else ({name: value}, name)
    return [found.why for found in violations(spec, body) if found.path == path]


def sized(shape: Shape, size: int) -> object:
    return "a" * size if isinstance(shape, StringShape) else size


def can_be_less(shape: Shape) -> bool:
    """Text cannot be shorter than empty."""
    return not (isinstance(shape, StringShape) and shape.metadata["min"] == 0)


@pytest.mark.parametrize("case", [case for case in cases("min") if can_be_less(case[2])], ids=named)
def test_less_than_the_least_is_refused(case: Case) -> None:
    least = case[2].metadata["min"]
    assert sentences(case, sized(case[2], least - 1))
    assert not [
        why for why in sentences(case, sized(case[2], least)) if "between" in why or "characters" in why
    ]


@pytest.mark.parametrize("case", cases("max"), ids=named)
def test_more_than_the_most_is_refused(case: Case) -> None:
    most = case[2].metadata["max"]
    assert sentences(case, sized(case[2], most + 1))
    assert not [
        why for why in sentences(case, sized(case[2], most)) if "between" in why or "must have" in why
    ]


@pytest.mark.parametrize("case", cases("enum"), ids=named)
def test_a_closed_choice_takes_its_values_and_names_them_when_it_refuses(case: Case) -> None:
    choices = case[2].metadata["enum"]
    assert [sentences(case, choice) for choice in choices] == [[]] * len(choices)
    (sentence,) = sentences(case, "bogus")
    assert all(choice in sentence for choice in choices)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.__name__)
def test_every_required_member_that_is_missing_is_named(spec: type[Spec]) -> None:
    body = {name for name, _ in members(spec)}
    required = set(SERVICE.shape_for(spec.__name__).required_members) & body
    missing = {found.path for found in violations(spec, {}) if found.why == "is required"}
    assert required <= missing


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.__name__)
def test_an_unknown_member_is_refused(spec: type[Spec]) -> None:
    assert Violation("bogus", "is not a member of this shape") in violations(spec, {"bogus": 1})


@pytest.mark.parametrize("spec", [spec for spec in SPECS if spec.is_union], ids=lambda spec: spec.__name__)
def test_a_union_without_a_member_is_refused(spec: type[Spec]) -> None:
    (found,) = violations(spec, {})
    assert found.path == ""
    assert "must be set" in found.why
