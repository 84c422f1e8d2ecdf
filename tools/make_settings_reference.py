"""Writes docs/reference/settings.md from the settings of `gossamer serve`; `--check` only compares."""

import ast
import inspect
import sys
from dataclasses import MISSING, fields
from pathlib import Path

from gossamer.runtime import settings

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "settings.md"

HEAD = """# Settings of `gossamer serve`

Made from `runtime/settings.py` by `make docs`. Each setting is a flag and a variable; a flag wins.

| Flag | Variable | Default | Meaning |
|---|---|---|---|
"""


def meanings() -> dict[str, str]:
    """The text below each field of the table."""
    (table,) = ast.parse(inspect.getsource(settings.Settings)).body
    assert isinstance(table, ast.ClassDef)  # noqa: S101 - it is one
    found: dict[str, str] = {}
    for field, text in zip(table.body, table.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            assert isinstance(text, ast.Expr), f"{field.target.id} has no text"  # noqa: S101 - ours to keep
            found[field.target.id] = ast.literal_eval(text.value)
    return found


def page() -> str:
    """The whole page."""
    texts = meanings()
    rows = []
    for field, variable in zip(fields(settings.Settings), settings.variables(), strict=True):
        default = "" if field.default in (None, MISSING) else f"`{field.default}`"
        flag = f"--{field.name.replace('_', '-')}"
        rows.append(f"| `{flag}` | `{variable}` | {default} | {texts[field.name]} |")
    return HEAD + "\n".join(rows) + "\n"


def main() -> int:
    """Write the page, or tell that it is stale."""
    if "--check" not in sys.argv:
        PAGE.write_text(page())
        return 0
    is_current = PAGE.exists() and PAGE.read_text() == page()
    print("settings: current" if is_current else "settings: stale, run `make docs`")
    return not is_current


if __name__ == "__main__":
    raise SystemExit(main())
