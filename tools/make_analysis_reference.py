"""Writes docs/reference/analysis.md from the table of rules; `--check` only compares."""

import sys
from pathlib import Path
from typing import Final

from gossamer.analysis.rule import RULES, Rule

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "reference" / "analysis.md"

HEAD: Final = """# Analysis

Made from the table of rules by `make docs`. `gossamer analyze` and
`GET /gossamer/v1/meshes/{mesh}/analysis` tell what these find. An *error* cannot work, a *warning* will
surprise somebody, a *note* is worth knowing.

| Rule | Severity | |
|---|---|---|
"""


def page() -> str:
    """The whole page."""
    rows = [f"| [`{one.id}`](#{one.id}) | {one.severity.value} | {_short(one)} |" for one in RULES]
    return HEAD + "\n".join(rows) + "\n\n" + "\n".join(map(_section, RULES))


def _short(rule: Rule) -> str:
    """What a rule is about, up to where it goes into detail."""
    return rule.says.split(":")[0].split(". ")[0].rstrip(".")


def _section(rule: Rule) -> str:
    return f"## {rule.id}\n\n{rule.severity.value.capitalize()}. {rule.says}\n\nWhat to do: {rule.fix}\n"


def main() -> int:
    """Write the page, or tell that it is stale."""
    if "--check" not in sys.argv:
        PAGE.write_text(page())
        return 0
    is_current = PAGE.exists() and PAGE.read_text() == page()
    print("analysis: current" if is_current else "analysis: stale, run `make docs`")
    return not is_current


if __name__ == "__main__":
    raise SystemExit(main())
