"""The description of the preview API, for SDKs and for people.

Source: App Mesh API 2018-10-01.
"""

from collections.abc import Iterator
from dataclasses import replace

from pydantic.json_schema import JsonSchemaValue

from gossamer.api.description.answer import (
    ARN,
    COUNT,
    NEXT_TOKEN,
    TIMESTAMP,
    list_of,
    name_members,
    plural,
    status_shapes,
    structure,
)
from gossamer.api.description.operation import Described, described
from gossamer.api.description.service import Service
from gossamer.api.description.shape import reference, request_shapes
from gossamer.api.kinds import KINDS
from gossamer.api.operations import ROOT
from gossamer.api.preview import operations
from gossamer.api.preview.inputs import INPUTS
from gossamer.model.kind import Kind


def preview() -> Service:
    """The API of 2018-10-01."""
    served = {one.name for one in operations.OPERATIONS}
    calls = tuple(_described(one) for one in described() if one.name in served)
    return Service("2018-10-01", calls, request_shapes(INPUTS.values()) | dict(_answers()))


def _described(one: Described) -> Described:
    """An operation of today, in the words of then."""
    query = {name: about for name, about in one.query.items() if name != "meshOwner"}
    return replace(one, uri=one.uri.removeprefix(f"/{ROOT}"), query=query, body=INPUTS.get(one.name))


def _answers() -> Iterator[tuple[str, JsonSchemaValue]]:
    yield (
        "ResourceMetadata",
        structure(
            "What the service knows about a resource.",
            {},
            arn=ARN | {"description": "Its ARN."},
            createdAt=TIMESTAMP | {"description": "When it was created."},
            lastUpdatedAt=TIMESTAMP | {"description": "When it was last changed."},
            uid={"type": "string", "description": "New whenever a name is created again."},
            version=COUNT | {"description": "1 at first; every update counts on."},
        ),
    )
    for kind in operations.KINDS:
        yield from _shapes_of(kind)


def _shapes_of(kind: Kind) -> Iterator[tuple[str, JsonSchemaValue]]:
    noun, names = kind.noun, name_members(kind)
    metadata = {
        "metadata": reference("ResourceMetadata") | {"description": "What the service knows about it."}
    }
    status = {"status": reference(f"{noun}Status") | {"description": "How it stands."}}
    spec = {"spec": reference(f"{noun}Spec") | {"description": "What was asked for."}}
    yield from status_shapes(kind, is_open=True).items()
    data = (
        structure(f"One {noun}.", names | metadata, **status)
        if kind is Kind.MESH
        else structure(f"One {noun}.", names, **metadata, **status, **spec)
    )
    yield f"{noun}Data", data
    yield f"{noun}Ref", structure(f"One {noun} in a list.", {}, arn=ARN, **names)
    page = {KINDS[kind].collection: list_of(f"{noun}Ref")}
    yield f"List{plural(kind)}Output", structure(f"One page of {plural(kind)}.", page, nextToken=NEXT_TOKEN)
