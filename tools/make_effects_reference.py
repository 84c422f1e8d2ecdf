"""Writes docs/reference/agent-effects.md from the table that the tests hold to running agents.

`--check` writes nothing and fails when the page is out of date.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.support.effects import EFFECTS, Effect, differences  # noqa: E402 - the folder must be found first

PAGE: Final = ROOT / "docs" / "reference" / "agent-effects.md"
WIDTH: Final = 120

HEAD: Final = """\
# What each variable of the sidecar does

<!-- Written by tools/make_effects_reference.py of tests/support/effects.py; change that and not this. -->

A variable, an example, what the example changes in the bootstrap, on Envoy's command or in the agent's
settings, and where that is seen on what runs: a page of Envoy's admin interface and a text on it, or the test
that shows it. The second is computed; the third is what tests/e2e/test_agent_effects.py finds at real agents.

| Variable | Example | Changes | Seen |
|---|---|---|---|
"""


def page() -> str:
    """The whole page."""
    return HEAD + "".join(rows())


def rows() -> Iterator[str]:
    """A line for each variable."""
    for effect in EFFECTS:
        cells = (f"`{effect.variable}`", _code(effect.given), _changes(effect), _seen(effect))
        yield f"| {' | '.join(cells)} |\n"


def _changes(effect: Effect) -> str:
    """The first of what it changes."""
    found = differences(effect)
    return _code(found[0]) if found else "nothing; the log says why"


def _seen(effect: Effect) -> str:
    """Where it is seen."""
    if effect.shown_by:
        _, _, name = effect.shown_by.partition("::")
        return f"*{name.removeprefix('test_').replace('_', ' ')}*"
    target, text = effect.seen
    return f"{_code(target)} {_code(text)}"


def _code(text: str) -> str:
    """A text as code in a cell."""
    short = text if len(text) <= WIDTH else f"{text[: WIDTH // 3]}…{text[-WIDTH // 2 :]}"
    return "`" + short.replace("|", "\\|") + "`"


def main() -> int:
    """Write the page, or say that it is out of date."""
    if "--check" not in sys.argv:
        PAGE.write_text(page())
        return 0
    is_current = PAGE.exists() and PAGE.read_text() == page()
    print("agent-effects.md:", "fine" if is_current else "out of date; run tools/make_effects_reference.py")
    return 0 if is_current else 1


if __name__ == "__main__":
    raise SystemExit(main())
