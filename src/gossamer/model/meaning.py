"""What each member of a shape means: the text that stands below it in the source.

Pydantic would read it too, of every shape when it is declared; only a description of the API needs it.
Source: PEP 257, attribute docstrings.
"""

import ast
import functools
import inspect
import sys
from collections.abc import Iterator, Mapping

from pydantic import BaseModel


def meanings(shape: type[BaseModel]) -> dict[str, str]:
    """The text of each member that has one; a member that is declared anew needs it anew."""
    found: dict[str, str] = {}
    for one in reversed(shape.__mro__):
        if issubclass(one, BaseModel) and one is not BaseModel:
            found |= _declared(one.__module__).get(one.__qualname__, {})
    return {name: text for name, text in found.items() if text and name in shape.model_fields}


@functools.cache
def _declared(module: str) -> Mapping[str, Mapping[str, str]]:
    """The members of each class of a module, each with its text, empty if it has none."""
    try:
        source = inspect.getsource(sys.modules[module])
    except (OSError, TypeError):
        return {}  # It came without its source.
    return {name: dict(_members(one)) for name, one in _classes(ast.parse(source))}


def _classes(tree: ast.AST, above: str = "") -> Iterator[tuple[str, ast.ClassDef]]:
    """Every class by its qualified name, as Python has it."""
    for one in ast.iter_child_nodes(tree):
        if isinstance(one, ast.ClassDef):
            yield above + one.name, one
            yield from _classes(one, f"{above}{one.name}.")
        elif isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _classes(one, f"{above}{one.name}.<locals>.")


def _members(shape: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for one, below in zip(shape.body, [*shape.body[1:], None], strict=True):
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name):
            match below:
                case ast.Expr(value=ast.Constant(value=str(text))):
                    yield one.target.id, inspect.cleandoc(text)
                case _:
                    yield one.target.id, ""
