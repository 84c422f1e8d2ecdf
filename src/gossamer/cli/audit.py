"""`gossamer audit`: what was done, by whom, from where, and what was answered."""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Annotated, Literal

import cyclopts
from rich.console import Console
from rich.table import Table

from gossamer.cli.server import HERE, OWN, Answer, Server, told
from gossamer.cli.shown import show_document

app = cyclopts.App(name="audit")


@cyclopts.Parameter(name="*")
@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """Which entries."""

    event_name: str | None = None
    """The operation, such as CreateVirtualNode."""
    account_id: str | None = None
    """The account of the caller."""
    principal: str | None = None
    """The ARN of the caller."""
    access_key_id: str | None = None
    """The key that signed."""
    source_ip: str | None = None
    """The address that it came from."""
    resource: str | None = None
    """The ARN of what it was about."""
    error_code: str | None = None
    """The name of the error, such as AccessDeniedException."""
    read_only: bool | None = None
    """Only what changes nothing, or only what changes something."""
    start_time: str | None = None
    """Not before, such as 2026-01-31T09:30:00Z."""
    end_time: str | None = None
    """Before."""

    def query(self) -> dict[str, str]:
        """As the route takes it."""
        special = {"source_ip": "sourceIPAddress"}
        found = {special.get(name, _camel(name)): value for name, value in asdict(self).items()}
        return {
            name: str(value).lower() if isinstance(value, bool) else value
            for name, value in found.items()
            if value is not None
        }


EVERYTHING = Wanted()


@app.default
@told
def show(
    *,
    wanted: Wanted = EVERYTHING,
    most: int = 100,
    server: Server = HERE,
    output: Annotated[Literal["table", "json", "jsonl"], cyclopts.Parameter(alias="-o")] = "table",
) -> None:
    """Show the audit log, newest first.

    Parameters
    ----------
    most
        How many entries at most; 0 for all of them.
    output
        A table for people, JSON, or a line of JSON an entry for export.
    """
    found = entries(server, wanted.query(), most)
    if output == "jsonl":
        for entry in found:
            sys.stdout.write(json.dumps(entry) + "\n")
    elif output == "json":
        show_document(list(found), output)
    else:
        Console(width=None if sys.stdout.isatty() else 200).print(_table(found))


def entries(server: Server, query: dict[str, str], most: int) -> Iterator[Answer]:
    """Entries, page by page.

    Raises: NotAnswered.
    """
    left = most or sys.maxsize
    token: str | None = None
    while left > 0:
        page = server.get(*OWN, "audit", **query, nextToken=token, limit=str(min(left, 1000)))
        yield from page["events"]
        left -= len(page["events"])
        token = page.get("nextToken")
        if token is None:
            return


def _table(found: Iterator[Answer]) -> Table:
    table = Table("time", "event", "who", "from", "resource", "error", box=None)
    for entry in found:
        identity = entry["userIdentity"]
        who = identity.get("arn") or identity.get("accessKeyId") or "unknown"
        resource = entry["resources"][0]["ARN"].partition(":mesh/")[2] if entry["resources"] else ""
        details = entry.get("serviceEventDetails", {})
        table.add_row(
            entry["eventTime"],
            f"{entry['eventName']} {details.get('eventStatus', '')}".rstrip(),
            str(who),
            entry["sourceIPAddress"],
            resource or details.get("nodeArn", ""),
            entry.get("errorCode", ""),
        )
    return table


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
