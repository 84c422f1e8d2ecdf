"""The specs that our tests use are specs that every SDK would send, and together they hold every member."""

from collections.abc import Iterator
from typing import Final

import botocore.session
import pytest
from botocore.model import ListShape, Shape, StructureShape
from botocore.validate import ParamValidator

from gossamer.model.kind import Kind
from gossamer.model.specs import SPECS
from tests.support.full_specs import SAMPLES, Json

SERVICE: Final = botocore.session.get_session().get_service_model("appmesh", "2019-01-25")


def shape_of(kind: Kind) -> Shape:
    return SERVICE.shape_for(SPECS[kind].__name__)


def members_of_api(shape: Shape) -> Iterator[str]:
    if isinstance(shape, StructureShape):
        for name, member in shape.members.items():
            yield f"{shape.name}.{name}"
            yield from members_of_api(member)
    elif isinstance(shape, ListShape):
        yield from members_of_api(shape.member)


def members_in(value: object, shape: Shape) -> Iterator[str]:
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        for name, member in value.items():
            yield f"{shape.name}.{name}"
            yield from members_in(member, shape.members[name])
    elif isinstance(shape, ListShape) and isinstance(value, list):
        for item in value:
            yield from members_in(item, shape.member)


@pytest.mark.parametrize(("kind", "spec"), SAMPLES.values(), ids=SAMPLES.keys())
def test_botocore_sends_the_sample(kind: Kind, spec: Json) -> None:
    assert not ParamValidator().validate(spec, shape_of(kind)).has_errors()


def test_the_samples_hold_every_member_that_the_api_has() -> None:
    theirs = {member for kind in SPECS for member in members_of_api(shape_of(kind))}
    assert {
        member for kind, spec in SAMPLES.values() for member in members_in(spec, shape_of(kind))
    } == theirs
