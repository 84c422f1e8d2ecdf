"""The shapes of answers: JSON Schema by the name of each shape.

The specs in them are those of the requests; all else is what `api/wire.py` writes.
Source: App Mesh API 2019-01-25, the `*Data`, `*Ref`, `*Status` and `*Output` shapes.
"""

from collections.abc import Mapping
from typing import Final

from pydantic.json_schema import JsonSchemaValue

from gossamer.api.description.shape import reference, scalar
from gossamer.api.kinds import KINDS
from gossamer.model.kind import Kind
from gossamer.model.names import AN_ACCOUNT, ResourceName, ServiceName
from gossamer.model.revision import Status
from gossamer.model.tags import MOST_TAGS

ARN: Final[JsonSchemaValue] = {"type": "string"}
TIMESTAMP: Final[JsonSchemaValue] = {"type": "number", "format": "epoch-seconds"}
COUNT: Final[JsonSchemaValue] = {"type": "integer", "format": "int64"}
ACCOUNT: Final[JsonSchemaValue] = {
    "type": "string",
    "minLength": 12,
    "maxLength": 12,
    "pattern": "^[0-9]{12}$",
    "x-rules": [f"must be {AN_ACCOUNT}"],
}
NEXT_TOKEN: Final[JsonSchemaValue] = {
    "type": "string",
    "description": "What to ask the next page with; absent on the last page.",
}


def structure(
    says: str, required: Mapping[str, JsonSchemaValue], **optional: JsonSchemaValue
) -> JsonSchemaValue:
    """An object with members that are always there, and members that may be."""
    shape = {"type": "object", "description": says, "properties": {**required, **optional}}
    return shape | ({"required": sorted(required)} if required else {})


def list_of(name: str) -> JsonSchemaValue:
    """A list of one shape."""
    return {"type": "array", "items": reference(name)}


def plural(kind: Kind) -> str:
    """Several of a kind, as operations spell them: `VirtualNodes`."""
    collection = KINDS[kind].collection
    return collection[0].upper() + collection[1:]


def name_schema(kind: Kind) -> JsonSchemaValue:
    """How a resource of a kind may be called."""
    return scalar(ServiceName if kind is Kind.VIRTUAL_SERVICE else ResourceName)


def name_members(kind: Kind) -> dict[str, JsonSchemaValue]:
    """The members that name a resource: its mesh, its parent, itself."""
    line = dict.fromkeys(one for one in (Kind.MESH, kind.parent, kind) if one is not None)
    return {KINDS[one].name_member: name_schema(one) for one in line}


_METADATA: Final = structure(
    "What the service knows about a resource.",
    {
        "arn": ARN | {"description": "Its ARN."},
        "createdAt": TIMESTAMP | {"description": "When it was created."},
        "lastUpdatedAt": TIMESTAMP | {"description": "When it was last changed."},
        "meshOwner": ACCOUNT | {"description": "The account that owns the mesh."},
        "resourceOwner": ACCOUNT | {"description": "The account that created the resource."},
        "uid": {"type": "string", "description": "New whenever a name is created again."},
        "version": COUNT | {"description": "1 at first; every update counts on."},
    },
)


def answer_shapes() -> dict[str, JsonSchemaValue]:
    """Every shape that stands in an answer and in no request."""
    found = {"ResourceMetadata": _METADATA} | _about_tags()
    for kind in KINDS:
        found |= _shapes_of(kind)
    return found


def _about_tags() -> dict[str, JsonSchemaValue]:
    """The answers of the operations on labels."""
    return {
        "TagResourceOutput": structure("Nothing: the labels are there.", {}),
        "UntagResourceOutput": structure("Nothing: the labels are gone.", {}),
        "ListTagsForResourceOutput": structure(
            "One page of labels, in the order of their names.",
            {"tags": list_of("TagRef") | {"minItems": 0, "maxItems": MOST_TAGS}},
            nextToken=NEXT_TOKEN,
        ),
    }


def status_shapes(kind: Kind, *, is_open: bool) -> dict[str, JsonSchemaValue]:
    """A kind's status; `is_open` if the API's own description leaves its one member open."""
    noun = kind.noun
    status = {"status": reference(f"{noun}StatusCode") | {"description": "Whether it is there."}}
    says = f"How a {noun} stands."
    return {
        f"{noun}StatusCode": {
            "type": "string",
            "enum": [one.value for one in Status],
            "description": "Whether it is there; `DELETED` only ever stands in the answer to a delete.",
        },
        f"{noun}Status": structure(says, {}, **status) if is_open else structure(says, status),
    }


def _shapes_of(kind: Kind) -> dict[str, JsonSchemaValue]:
    """One kind's: as described, as listed, its status, and a page of them."""
    noun = kind.noun
    about = {
        "metadata": reference("ResourceMetadata") | {"description": "What the service knows about it."},
        "spec": reference(f"{noun}Spec") | {"description": "What was asked for."},
        "status": reference(f"{noun}Status") | {"description": "How it stands."},
    }
    listed = {name: about for name, about in _METADATA["properties"].items() if name != "uid"}
    return status_shapes(kind, is_open=kind is Kind.MESH) | {
        f"{noun}Data": structure(f"One {noun}.", name_members(kind) | about),
        f"{noun}Ref": structure(f"One {noun} in a list.", name_members(kind) | listed),
        f"List{plural(kind)}Output": structure(
            f"One page of {plural(kind)}, in the order of their names.",
            {KINDS[kind].collection: list_of(f"{noun}Ref")},
            nextToken=NEXT_TOKEN,
        ),
    }
