"""Writes docs/reference/<stem>.md for every stem of the model, from the shapes themselves.

`--check` writes nothing and fails when a page is out of date. Pages of other stems are left alone.
"""

import enum
import importlib
import inspect
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Final

from pydantic.json_schema import JsonSchemaValue

import gossamer.model
from gossamer.model.rule import Between, Characters, Items
from gossamer.model.spec import Spec

ROOT: Final = Path(__file__).resolve().parent.parent
PAGES: Final = ROOT / "docs" / "reference"
GENERATED: Final = "<!-- Written by tools/make_reference.py; change the model, not this page. -->"
INDEX: Final = "model"

#: Python's own scaffolding; the API has no such shapes.
BASES: Final = frozenset({"Spec", "Ruled", "Union", "Input", "CreateInput", "UpdateInput"})

TYPES: Final = {"integer": "whole number", "string": "text", "boolean": "true or false", "object": "object"}

type_of_shape = type[Spec] | type[enum.Enum]


def stems() -> Iterator[ModuleType]:
    """Every module of the model that declares a shape."""
    for found in pkgutil.iter_modules(gossamer.model.__path__):
        module = importlib.import_module(f"gossamer.model.{found.name}")
        if any(issubclass(shape, Spec) for shape in shapes(module)):
            yield module


def shapes(module: ModuleType) -> Iterator[type_of_shape]:
    """The shapes and enums that a module declares, in its own order."""
    for name, found in vars(module).items():
        if not inspect.isclass(found) or found.__module__ != module.__name__:
            continue
        if issubclass(found, (Spec, enum.Enum)) and name not in BASES and not name.startswith("_"):
            yield found


def pages() -> dict[str, str]:
    """Every page: its file's name and its text."""
    found = {stem(module.__name__): page(module) for module in stems()}
    return {f"{name}.md": text for name, text in (*found.items(), (INDEX, index()))}


def stem(module: str) -> str:
    """The module's own name."""
    return module.rpartition(".")[2]


def index() -> str:
    """The page that lists all others."""
    lines = [f"- [{stem(m.__name__)}]({stem(m.__name__)}.md): {first_line(m)}" for m in stems()]
    head = f"# The model\n\n{GENERATED}\n\nWhat an operator may write, shape by shape.\n\n"
    return head + "\n".join(lines) + "\n"


def first_line(found: object) -> str:
    """What something is, in one sentence."""
    return (inspect.getdoc(found) or "").partition("\n")[0]


def page(module: ModuleType) -> str:
    """One stem's page."""
    parts = [
        f"# {stem(module.__name__)}",
        GENERATED,
        inspect.getdoc(module) or "",
        *map(section, shapes(module)),
    ]
    return "\n\n".join(parts) + "\n"


def section(shape: type_of_shape) -> str:
    """One shape: what it is, and its members."""
    body = (
        table(shape)
        if issubclass(shape, Spec)
        else "One of " + ", ".join(f"`{one.value}`" for one in shape) + "."
    )
    only_one = "Exactly one member must be set." if issubclass(shape, Spec) and shape.is_union else ""
    return "\n\n".join(filter(None, (f"## {shape.__name__}", inspect.getdoc(shape), only_one, body)))


def table(shape: type[Spec]) -> str:
    """The members of a shape."""
    schema = shape.model_json_schema(by_alias=True)
    required = schema.get("required", ())
    lines = ["| Member | Type | Required | Rule | Meaning |", "|---|---|---|---|---|"]
    for member, about in schema.get("properties", {}).items():
        told = present(about)
        must = "yes" if member in required else "no"
        cells = (f"`{member}`", type_name(told), must, rule(told), str(about.get("description", "")))
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines)


def present(about: JsonSchemaValue) -> JsonSchemaValue:
    """What a member is when it is there: the first of its choices, null being the second."""
    first: JsonSchemaValue = about["anyOf"][0] if "anyOf" in about else about
    return first


def type_name(about: JsonSchemaValue) -> str:
    """A member's type, as a link where there is a page for it."""
    if "$ref" in about:
        name = str(about["$ref"]).rpartition("/")[2]
        return f"[{name}]({HOMES[name]}.md#{name.lower()})"
    if items := about.get("items"):
        return f"list of {type_name(items)}"
    return TYPES[str(about["type"])]


def rule(about: JsonSchemaValue) -> str:
    """The rules of a member's value, in words."""
    told = []
    if "minimum" in about:
        told.append(Between(about["minimum"], about["maximum"]).says)
    if "minLength" in about:
        told.append(Characters(about["minLength"], about["maxLength"]).says)
    if "minItems" in about:
        told.append(Items(about["minItems"], about["maxItems"]).says)
    told.extend(about.get("x-rules", ()))
    if (items := about.get("items")) and (each := rule(items)):
        told.append(f"each {each}")
    return "; ".join(told)


#: Which page tells of a shape.
HOMES: Final = {shape.__name__: stem(module.__name__) for module in stems() for shape in shapes(module)}


def main(arguments: list[str]) -> int:
    """Write what is out of date, or only say so."""
    stale = [name for name, text in pages().items() if not is_current(PAGES / name, text)]
    if "--check" in arguments:
        print(
            "\n".join(f"docs/reference/{name}: out of date (make docs)" for name in stale)
            or "reference: fine"
        )
        return bool(stale)
    PAGES.mkdir(parents=True, exist_ok=True)
    for name in stale:
        (PAGES / name).write_text(pages()[name])
        print(f"wrote docs/reference/{name}")
    return 0


def is_current(path: Path, text: str) -> bool:
    """Whether a page says what it should."""
    return path.exists() and path.read_text() == text


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
