"""Writes docs/reference/injection.md from the injection's options and annotations; `--check` compares."""

import ast
import inspect
import sys
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any, Final

from gossamer.cli import inject, webhook
from gossamer.inject import annotation, settings

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "reference" / "injection.md"

HEAD: Final = """\
# Injection

<!-- Written by tools/make_inject_reference.py; change the tables in the code, not this page. -->

What `gossamer inject ecs`, `gossamer inject kubernetes` and `gossamer webhook` put beside a workload. Every
option is a flag and a variable: `--xds-endpoint` is `GOSSAMER_XDS_ENDPOINT`; a flag wins.
"""

PARTS: Final = (
    ("The endpoint", "Of `gossamer inject`.", inject.Target),
    ("The result", "Of `gossamer inject`.", inject.Output),
    ("The sidecar", "Of all three.", settings.Settings),
    ("The webhook", "Of `gossamer webhook`.", webhook.Serving),
)

ANNOTATIONS: Final = f"""
## Annotations

Of a pod, or of the template of one; each name begins with `{annotation.PREFIX}`. They win over the flags. One
that cannot be read is refused with the form that it should have.

| Annotation | Takes | Effect |
|---|---|---|
"""

OURS: Final = """
The injection itself writes `gossamer/injected`, or the label `gossamer.injected` of the sidecar's container
in a task definition: what `--undo` needs to know beyond what every injection adds.
"""


def meanings(table: type) -> dict[str, str]:
    """The text below each field of a table."""
    (body,) = ast.parse(inspect.getsource(table)).body
    assert isinstance(body, ast.ClassDef)  # noqa: S101 - it is one
    return {
        field.target.id: " ".join(ast.literal_eval(text.value).split())
        for field, text in zip(body.body, body.body[1:], strict=False)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
    }


def rows(table: type) -> Iterator[str]:
    """A line for each option."""
    texts = meanings(table)
    for field in fields(table):
        yield f"| `--{field.name.replace('_', '-')}` | {_default(field)} | {texts[field.name]} |"


def _default(field: Field[Any]) -> str:
    """The default as a person would write it."""
    if field.default is MISSING:
        return "required"
    if isinstance(field.default, bool):
        return "yes" if field.default else "no"
    return f"`{field.default}`" if field.default not in (None, "", ()) else ""


def page() -> str:
    """The whole page."""
    text = HEAD
    for title, intro, table in PARTS:
        text += f"\n## {title}\n\n{intro}\n\n| Flag | Default | Meaning |\n|---|---|---|\n"
        text += "".join(f"{row}\n" for row in rows(table))
    text += ANNOTATIONS
    text += "".join(
        f"| `{name}` | {takes} | {effect} |\n" for name, (takes, effect) in annotation.MEANINGS.items()
    )
    return text + OURS


def main() -> int:
    """Write the page, or tell that it is stale."""
    if "--check" not in sys.argv:
        PAGE.write_text(page())
        return 0
    is_current = PAGE.exists() and PAGE.read_text() == page()
    print("injection.md:", "fine" if is_current else "out of date; run `make docs`")
    return 0 if is_current else 1


if __name__ == "__main__":
    raise SystemExit(main())
