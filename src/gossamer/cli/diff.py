"""`gossamer diff`: what documents would change, or what differs between two moments of a mesh."""

from dataclasses import dataclass
from typing import Annotated

import cyclopts

from gossamer.cli.changes import refused
from gossamer.cli.control_plane import NotAnswered
from gossamer.cli.files import File, sources
from gossamer.cli.inventory import ANYWHERE, Inventory, Where
from gossamer.cli.server import OWN, Answer, Server
from gossamer.cli.server import told as plainly_told
from gossamer.cli.shown import Output, show_diff, show_document
from gossamer.cli.words import WrongUsage

#: As the program `diff`: 0 for no difference, 1 for some, 2 for trouble.
DIFFERS = 1
TROUBLE = 2

app = cyclopts.App(name="diff")


@cyclopts.Parameter(name="*")
@dataclass(frozen=True, kw_only=True, slots=True)
class Moments:
    """Two moments of a mesh, in place of files."""

    since: Annotated[str | None, cyclopts.Parameter(name="--from")] = None
    """The earlier moment: a revision's number, or a time such as 2026-01-31T09:30:00Z."""
    until: Annotated[str, cyclopts.Parameter(name="--to")] = "now"
    """The later moment."""
    resource: str | None = None
    """Between moments, only this resource, such as shop/virtualNode/front."""


NOW = Moments()


@app.default
def diff(
    *files: File,
    moments: Moments = NOW,
    where: Where = ANYWHERE,
    output: Output = "table",
) -> int:
    """Show what documents would change, or what was changed between two moments.

    Exits with 0 if nothing differs, with 1 if something does, and with 2 if that could not be told.

    Parameters
    ----------
    files
        Files, folders, or - for standard input, as for apply.
    output
        Diffs for people, or JSON or YAML for programs.
    """
    found: list[list[Answer]] = []

    @plainly_told
    def look() -> int:
        if bool(files) is (moments.since is not None):
            raise WrongUsage("name files, or a moment with --from")
        if moments.since is None:
            return _of_files(files, where.server, found)
        mesh = Inventory(where).mesh()
        query = {"from": moments.since, "to": moments.until, "resource": moments.resource}
        found.append(where.server.get(*OWN, "meshes", mesh, "diff", **query)["changes"])
        return 0

    if look() or not found:
        return TROUBLE
    changes = [one for one in found[0] if one.get("action") != "none"]
    if output != "table":
        show_document(changes, output)
    else:
        for one in changes:
            show_diff(one["diff"])
    return DIFFERS if changes else 0


def _of_files(files: tuple[str, ...], server: Server, found: list[list[Answer]]) -> int:
    read = sources(files)
    try:
        body = {"documents": [one.document for one in read], "dryRun": True}
        found.append(server.post(*OWN, "apply", body=body)["changes"])
    except NotAnswered as error:
        return refused("diff", error, read)
    return 0
