"""`gossamer history`: what was changed in a mesh, by whom and when."""

from dataclasses import dataclass
from itertools import islice
from typing import Annotated

import cyclopts

from gossamer.cli.inventory import ANYWHERE, Inventory, Where
from gossamer.cli.server import OWN, Answer, told
from gossamer.cli.shown import Output, console, local, principal, show_diff, show_document, show_table

#: As many as a page holds.
PAGE = 1000

app = cyclopts.App(name="history")


@cyclopts.Parameter(name="*")
@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """Which changes."""

    most: Annotated[int, cyclopts.Parameter(alias="-n")] = 30
    """How many changes at most; 0 for all of them."""
    since: str | None = None
    """Not before, such as 2026-01-31T09:30:00Z."""
    until: str | None = None
    """Before."""
    revision: int | None = None
    """Only the change with this number, with its diff."""
    diff: Annotated[bool, cyclopts.Parameter(negative="")] = False
    """Show what each change did."""

    def query(self) -> dict[str, str | None]:
        """As the route takes it."""
        limit = min(self.most, PAGE) if self.most > 0 else PAGE
        return {"since": self.since, "until": self.until, "limit": str(limit)}


LATEST = Wanted()


@app.default
@told
def history(
    kind: str | None = None,
    name: str | None = None,
    /,
    *,
    where: Where = ANYWHERE,
    wanted: Wanted = LATEST,
    output: Output = "table",
) -> None:
    """Show the changes of a mesh, or of one resource, newest first.

    Parameters
    ----------
    kind
        Only this resource: its kind, as for get, and its name. It may be gone by now.
    name
        Its name.
    output
        A table for people, or JSON or YAML for programs.
    """
    inventory, server = Inventory(where), where.server
    path = (*OWN, "meshes", inventory.mesh(), "history")
    found = [{"sequence": wanted.revision}]
    if wanted.revision is None:
        query = wanted.query() | {"resource": inventory.at_any_time(kind, name)}
        found = list(islice(server.pages(*path, of="revisions", **query), wanted.most or None))
    diff = wanted.diff or wanted.revision is not None
    if diff:
        found = [server.get(*path, str(one["sequence"])) for one in found]
    if output != "table":
        show_document(found, output)
    elif diff:
        _show_diffs(found)
    else:
        columns = ("revision", "time", "action", "resource", "version", "by")
        show_table(columns, (_row(one) for one in found))


def _row(one: Answer) -> tuple[str, ...]:
    """A line of the table: the resource as `get` names it, and whoever it was in short."""
    about = "/".join(one["resource"].split("/")[2::2]) or one["resource"]
    return (
        str(one["sequence"]),
        local(one["at"]),
        one["action"],
        f"{one['kind']} {about}",
        str(one["version"]),
        principal(one["principal"]),
    )


def _show_diffs(found: list[Answer]) -> None:
    shown = console()
    for one in found:
        about = f"revision {one['sequence']}: {one['action']} {one['resource']}"
        shown.print(f"{about}\nby {one['principal']} at {local(one['at'])}", style="bold")
        show_diff(one["diff"])
        if one.get("tags") is not None:
            shown.print(
                "tags: " + (", ".join(f"{key}={text}" for key, text in one["tags"].items()) or "none")
            )
        shown.print("")
