"""`gossamer audit`: what was done, by whom, from where, and what was answered."""

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal

import cyclopts
from rich.console import Console
from rich.table import Table

from gossamer.cli.control_plane import NotAnswered, fetched
from gossamer.clock import SystemClock
from gossamer.contract import API_PORT

app = cyclopts.App(name="audit")

Entry = dict[str, Any]


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
def show(
    *,
    wanted: Wanted = EVERYTHING,
    most: int = 100,
    endpoint_url: str = f"http://127.0.0.1:{API_PORT}",
    output: Annotated[Literal["table", "json", "jsonl"], cyclopts.Parameter(alias="-o")] = "table",
) -> int:
    """Show the audit log, newest first.

    Parameters
    ----------
    most
        How many entries at most; 0 for all of them.
    endpoint_url
        Where the control plane's API answers.
    output
        A table for people, JSON, or a line of JSON an entry for export.
    """
    try:
        found = entries(endpoint_url, wanted.query(), most)
        if output == "jsonl":
            for entry in found:
                sys.stdout.write(json.dumps(entry) + "\n")
        elif output == "json":
            sys.stdout.write(json.dumps(list(found), indent=2) + "\n")
        else:
            Console(width=None if sys.stdout.isatty() else 200).print(_table(found))
    except NotAnswered as error:
        sys.stderr.write(f"gossamer audit: {error}\n")
        return 1
    return 0


def entries(endpoint_url: str, query: dict[str, str], most: int) -> Iterator[Entry]:
    """Entries, page by page.

    Raises: NotAnswered.
    """
    left = most or sys.maxsize
    token: dict[str, str] = {}
    while left > 0:
        asked = {**query, **token, "limit": str(min(left, 1000))}
        url = f"{endpoint_url}/gossamer/v1/audit"
        page: Any = fetched(url, asked, os.environ, SystemClock().now())
        yield from page["events"]
        left -= len(page["events"])
        if "nextToken" not in page:
            return
        token = {"nextToken": page["nextToken"]}


def _table(found: Iterator[Entry]) -> Table:
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
