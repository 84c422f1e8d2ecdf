"""What commands print: tables and diffs for people, JSON and YAML for programs; colour only on a terminal."""

import datetime
import json
import sys
from collections.abc import Iterable, Sequence
from typing import Annotated, Final, Literal

import cyclopts
import yaml
from rich.console import Console
from rich.table import Table
from rich.text import Text

#: Each command says what it prints for people.
Output = Annotated[Literal["table", "json", "yaml"], cyclopts.Parameter(alias="-o")]

#: How wide a table may be that nobody watches: a program that reads it sees whole lines.
WIDE: Final = 10_000

_COLOURS: Final = {"+": "green", "-": "red", "@": "cyan"}


def console() -> Console:
    """Standard output."""
    return Console(width=None if sys.stdout.isatty() else WIDE, highlight=False, soft_wrap=True)


def show_table(columns: Sequence[str], rows: Iterable[Sequence[str | Text]]) -> None:
    """A table for people; names are never cut, long words may be."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column.upper(), overflow="fold")
    for row in rows:
        table.add_row(*row)
    Console(width=None if sys.stdout.isatty() else WIDE, highlight=False).print(table)


def show_document(found: object, output: str) -> None:
    """For programs; several documents in YAML are one stream."""
    if output == "json":
        sys.stdout.write(json.dumps(found, indent=2) + "\n")
    else:
        documents = found if isinstance(found, list) else [found]
        sys.stdout.write(yaml.safe_dump_all(documents, sort_keys=False, allow_unicode=True))


def show_diff(diff: str) -> None:
    """A unified diff."""
    shown = console()
    for line in diff.splitlines():
        bold = "bold" if line.startswith(("+++", "---")) else ""
        shown.print(Text(line, style=bold or _COLOURS.get(line[:1], "")))


def local(at: str | float) -> str:
    """A time as an answer tells it, where the reader is."""
    if isinstance(at, str):
        moment = datetime.datetime.fromisoformat(at)
    else:
        moment = datetime.datetime.fromtimestamp(at, datetime.UTC)
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S")
