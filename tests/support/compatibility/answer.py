"""Whether a body on the wire is what the service's description says of it: no member more, no member less."""

from collections.abc import Iterator
from typing import Final

from botocore.model import ListShape, Shape, StringShape, StructureShape

#: What JSON makes of a scalar of each type.
TYPES: Final = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "timestamp": float,
}


def misfits(body: object, shape: Shape, path: str = "") -> Iterator[str]:
    """Everything in which a body differs from its shape."""
    match shape:
        case StructureShape() if isinstance(body, dict):
            required = set(shape.required_members)
            yield from (f"{path}.{one} is missing" for one in sorted(required - body.keys()))
            yield from (f"{path}.{one} is unknown" for one in sorted(body.keys() - shape.members.keys()))
            for one in body.keys() & shape.members.keys():
                yield from misfits(body[one], shape.members[one], f"{path}.{one}")
        case ListShape() if isinstance(body, list):
            for index, one in enumerate(body):
                yield from misfits(one, shape.member, f"{path}[{index}]")
        case StringShape() if shape.enum and body not in shape.enum:
            yield f"{path} is not one of {shape.enum}"
        case _:
            if type(body) is not TYPES.get(shape.type_name):
                yield f"{path} is no {shape.type_name}"
