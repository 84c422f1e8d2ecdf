"""One version of the API as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic.json_schema import JsonSchemaValue

from gossamer.api.description.answer import answer_shapes
from gossamer.api.description.operation import Described, described
from gossamer.api.description.shape import request_shapes


@dataclass(frozen=True, slots=True)
class Service:
    """Every operation of one version, and every shape that one of them names."""

    version: str
    operations: tuple[Described, ...]
    shapes: Mapping[str, JsonSchemaValue]


def current() -> Service:
    """The API of 2019-01-25."""
    operations = described()
    bodies = [one.body for one in operations if one.body is not None]
    return Service("2019-01-25", operations, request_shapes(bodies) | answer_shapes())
