"""Writes docs/reference/commands.md from the commands themselves; `--check` only compares."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from gossamer.cli.main import app

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "reference" / "commands.md"

HEAD: Final = """# Commands

Made from the commands by `make docs`. Every command tells its flags with `--help`. Where nothing else is
said, a flag has a variable too: `GOSSAMER_` and its name in capitals, so `--endpoint-url` is
`GOSSAMER_ENDPOINT_URL`; the flag wins.

| Command | Does |
|---|---|
"""

#: Commands whose flags fill a page of their own.
ELSEWHERE: Final = {
    "serve": "[settings](settings.md)",
    "agent": "[variables](agent-variables.md)",
    "intercept": "[variables](agent-variables.md#gossamer-intercept)",
    "inject": "[injection](injection.md)",
}

_SECTION: Final = re.compile(r"^##+ (gossamer .*)\n", re.MULTILINE)
_USAGE: Final = re.compile(r"```console\n.*?```\n", re.DOTALL)
_PARAMETERS: Final = re.compile(r"\*\*Parameters\*\*:\n\n(?:\*.*\n(?: +.*\n)*)+")


def sections() -> Iterator[tuple[str, str]]:
    """Each command with what it says of itself, in the order of the commands."""
    text = app.generate_docs(heading_level=1)
    parts = _SECTION.split(text)[1:]
    yield from zip(parts[::2], parts[1::2], strict=True)


def page() -> str:
    """The whole page."""
    found = dict(sections())
    rows = [f"| [`{name}`](#{name.replace(' ', '-')}) | {_first(text)} |" for name, text in found.items()]
    body = [_section(name, text) for name, text in found.items()]
    return HEAD + "\n".join(rows) + "\n\n" + "\n\n".join(body) + "\n"


def _first(text: str) -> str:
    """The first sentence that a command says, below its usage."""
    said = _USAGE.sub("", text).strip().split("\n\n")[0]
    return " ".join(said.split())


def _section(name: str, text: str) -> str:
    """The part of one command; its flags are a link where another page has them."""
    top = name.split()[1]
    if top in ELSEWHERE:
        text = _PARAMETERS.sub(f"Flags: {ELSEWHERE[top]}.\n", text)
    depth = "#" * len(name.split())
    tidy = re.sub(r"\*\*Commands\*\*:\n\n(?:\*.*\n)+", "", text).replace("```console", "```text")
    return f"{depth} {name}\n{tidy.rstrip()}"


def main() -> int:
    """Write the page, or tell that it is stale."""
    if "--check" not in sys.argv:
        PAGE.write_text(page())
        return 0
    is_current = PAGE.exists() and PAGE.read_text() == page()
    print("commands: current" if is_current else "commands: stale, run `make docs`")
    return not is_current


if __name__ == "__main__":
    raise SystemExit(main())
