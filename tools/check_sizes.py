"""Refuses what has grown too large: functions over 40 lines, files over 400, classes over 10 public methods.

Source: the sizes that this project agreed on, docs/explanation/architecture.md.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
FUNCTION_LINES: Final = 40
FILE_LINES: Final = 400
PUBLIC_METHODS: Final = 10

type_of_function = (ast.FunctionDef, ast.AsyncFunctionDef)


def too_large(path: Path) -> Iterator[str]:
    """Each complaint about one file, ready to print."""
    text = path.read_text()
    where = path.relative_to(ROOT)
    if (lines := text.count("\n")) > FILE_LINES:
        yield f"{where}: {lines} lines (at most {FILE_LINES})"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, type_of_function) and node.end_lineno is not None:
            length = node.end_lineno - node.lineno + 1
            if length > FUNCTION_LINES:
                yield f"{where}:{node.lineno}: {node.name} has {length} lines (at most {FUNCTION_LINES})"
        if isinstance(node, ast.ClassDef):
            public = [m for m in node.body if isinstance(m, type_of_function) and not m.name.startswith("_")]
            if len(public) > PUBLIC_METHODS:
                count = f"{len(public)} public methods (at most {PUBLIC_METHODS})"
                yield f"{where}:{node.lineno}: {node.name} has {count}"


def main() -> int:
    """Print every complaint; fail if there is one."""
    complaints = [line for path in sorted((ROOT / "src").rglob("*.py")) for line in too_large(path)]
    print("\n".join(complaints) or "sizes: fine")
    return bool(complaints)


if __name__ == "__main__":
    raise SystemExit(main())
