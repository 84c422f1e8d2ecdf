"""The shapes of requests: JSON Schema by the name of each shape, made from the models.

Shape: an optional member may be null, which is the same as absent; the schema leaves that out, as every
description of the API does.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import JsonSchemaValue, models_json_schema

from gossamer.model.spec import Spec

#: Where a schema names another one.
REFERENCE: Final = "#/components/schemas/{model}"


def request_shapes(models: Iterable[type[Spec]]) -> dict[str, JsonSchemaValue]:
    """Each model and all that it holds, by the shape's name."""
    listed = list(models)
    asked = [(model, "validation") for model in listed]
    _, found = models_json_schema(asked, by_alias=True, ref_template=REFERENCE)  # type: ignore[arg-type]  # a list of tuples of Literal
    unions = {model.__name__ for model in _below(listed) if model.is_union}
    return {name: _plain(schema, is_union=name in unions) for name, schema in found["$defs"].items()}


def scalar(annotation: object) -> JsonSchemaValue:
    """The schema of one annotated scalar."""
    adapter: TypeAdapter[object] = TypeAdapter(annotation)  # type: ignore[arg-type]  # any annotation will do
    return adapter.json_schema(ref_template=REFERENCE)


def reference(name: str) -> JsonSchemaValue:
    """The schema that stands for a shape."""
    return {"$ref": REFERENCE.format(model=name)}


def referred(schema: JsonSchemaValue) -> str | None:
    """The shape that a schema stands for, if it stands for one."""
    found = schema.get("$ref")
    return None if found is None else str(found).rpartition("/")[2]


def _below(models: Iterable[type[Spec]]) -> Iterable[type[Spec]]:
    """Each model and every one that its members hold, each once."""
    waiting, seen = list(models), dict[type[Spec], None]()
    while waiting:
        model = waiting.pop()
        if model not in seen:
            seen[model] = None
            waiting.extend(
                found for field in model.model_fields.values() for found in _held(field.annotation)
            )
    return seen


def _held(annotation: object) -> Iterable[type[Spec]]:
    """The models that an annotation names."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation] if issubclass(annotation, Spec) else []
    return [found for inner in getattr(annotation, "__args__", ()) for found in _held(inner)]


def _plain(schema: JsonSchemaValue, *, is_union: bool = False) -> JsonSchemaValue:
    """The schema without pydantic's titles, nulls and defaults."""
    plain = {key: value for key, value in schema.items() if key not in ("title", "default")}
    if "properties" in plain:
        plain["properties"] = {name: _member(about) for name, about in plain["properties"].items()}
    if is_union:
        plain |= {"minProperties": 1, "maxProperties": 1}
    return plain


def _member(about: Mapping[str, object]) -> JsonSchemaValue:
    """One member, as it is when it is there; what it means stands beside a reference."""
    plain = {key: value for key, value in about.items() if key not in ("title", "default", "anyOf")}
    choices = about.get("anyOf")
    if isinstance(choices, list):
        plain = choices[0] | plain
    return plain
