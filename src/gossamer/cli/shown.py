"""What commands print: tables and diffs for people, JSON and YAML for programs; colour only on a terminal."""

import datetime
import json
import sys
from collections.abc import Iterable, Sequence
from typing import Annotated, Final, Literal

import cyclopts
import yaml
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

#: Each command says what it prints for people.
Output = Annotated[Literal["table", "json", "yaml"], cyclopts.Parameter(alias="-o")]

#: How wide a table may be that nobody watches: a program that reads it sees whole lines.
WIDE: Final = 10_000

#: What a table has between its columns.
_GAP: Final = "  "

_COLOURS: Final = {"+": "green", "-": "red", "@": "cyan"}


def console() -> Console:
    """Standard output."""
    return Console(width=None if sys.stdout.isatty() else WIDE, highlight=False, soft_wrap=True)


def show_table(columns: Sequence[str], rows: Iterable[Sequence[str | Text]]) -> None:
    """A table for people; where a terminal is too narrow for its words, a line for each cell: none is cut."""
    listed = [tuple(row) for row in rows]
    shown = Console(width=None if sys.stdout.isatty() else WIDE, highlight=False)
    if _narrowest(columns, listed) > shown.width:
        _show_records(shown, columns, listed)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column.upper(), overflow="fold")
    for row in listed:
        table.add_row(*row)
    shown.print(table)


def _narrowest(columns: Sequence[str], rows: Sequence[Sequence[str | Text]]) -> int:
    """How wide a table is that breaks its cells between words only."""
    cells = zip(columns, *rows, strict=True)
    return sum(max(map(_longest_word, column)) + len(_GAP) for column in cells) - len(_GAP)


def _longest_word(cell: str | Text) -> int:
    return max((cell_len(word) for word in str(cell).split()), default=0)


def _show_records(shown: Console, columns: Sequence[str], rows: Sequence[Sequence[str | Text]]) -> None:
    """Each row as lines of its own, the cells that say something."""
    for number, row in enumerate(rows):
        if number:
            shown.print()
        for column, cell in zip(columns, row, strict=True):
            if str(cell):
                shown.print(Text.assemble((column.upper(), "bold"), " ", cell), soft_wrap=True)


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


def principal(arn: str) -> str:
    """Whom an ARN of IAM names, as people say it: `ann`, `role/deployer`, `root`."""
    return arn.rpartition(":")[2].removeprefix("user/")
