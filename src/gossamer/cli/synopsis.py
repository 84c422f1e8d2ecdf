"""What a command is for, read from its source: to load all of them for their list takes a second."""

import ast
from collections.abc import Iterator
from pathlib import Path


def synopsis(command: str) -> str:
    """The first line that a command's own help begins with; empty where it came without its source."""
    try:
        text = Path(__file__).with_name(f"{command}.py").read_text(encoding="utf-8")
    except OSError:
        return ""
    return next(filter(None, map(_first_line, ast.parse(text).body)), "")


def _first_line(statement: ast.stmt) -> str:
    match statement:
        case ast.Assign(targets=[ast.Name("app")], value=ast.Call(keywords=said)):
            told = next((one.value for one in said if one.arg == "help"), None)
            text = told.value if isinstance(told, ast.Constant) else ""
        case ast.FunctionDef() if "app.default" in _decorators(statement):
            text = ast.get_docstring(statement) or ""
        case _:
            text = ""
    return str(text).strip().partition("\n")[0]


def _decorators(function: ast.FunctionDef) -> Iterator[str]:
    return map(ast.unparse, function.decorator_list)
