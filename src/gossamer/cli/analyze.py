"""`gossamer analyze`: what in a mesh is wrong, doubtful or of no use, live or in files."""

import sys
from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal

import cyclopts
from rich.console import Console
from rich.text import Text

from gossamer.cli.files import File, Flagged
from gossamer.cli.inventory import Inventory, Where
from gossamer.cli.server import HERE, OWN, Server, told
from gossamer.cli.shown import Output, show_document
from gossamer.clock import SystemClock

app = cyclopts.App(name="analyze")

Severity = Literal["error", "warning", "note"]

#: From the worst on.
SEVERITIES: Final[tuple[Severity, ...]] = ("error", "warning", "note")
STYLES: Final = {"error": "bold red", "warning": "yellow", "note": "dim"}

#: Exit with it when something was found that is as bad as is asked about.
FOUND: Final = 3


@app.default
@told
def analyze(
    *files: File,
    file: Flagged = (),
    mesh: Annotated[str | None, cyclopts.Parameter(alias="-m")] = None,
    fail_on: Literal["error", "warning", "note", "never"] = "error",
    server: Server = HERE,
    output: Output = "table",
) -> int:
    """Tell what in a mesh is wrong, doubtful or of no use: one that is served, or what stands in files.

    Exits with 0 if there is nothing as bad as `--fail-on` asks about, with 3 if there is, and with 1 or 2 if
    nothing could be analysed.

    Parameters
    ----------
    files
        Files of resources in App Mesh's shapes, as `gossamer apply` takes them, folders of them, or - for the
        standard input. Files are analysed by themselves, without a server.
    file
        The same, as a flag; may be given several times.
    mesh
        The mesh to ask the server about, if there are several; with files, the only one of theirs to analyse.
    fail_on
        How bad a finding must be for the exit code to tell of it.
    output
        A table for people, or JSON or YAML for programs.
    """
    found = _findings((*files, *file), mesh, server)
    if output == "table":
        _show(found)
    else:
        show_document({"findings": found}, output)
    bad = SEVERITIES[: SEVERITIES.index(fail_on) + 1] if fail_on != "never" else ()
    return FOUND if any(one["severity"] in bad for one in found) else 0


def _findings(files: Sequence[str], mesh: str | None, server: Server) -> list[dict[str, Any]]:
    """What is found, in files or by the server.

    Raises: NotAnswered, WrongUsage.
    """
    if files:
        from gossamer.cli.offline import findings_in  # noqa: PLC0415 - half a control plane, seldom needed

        return findings_in(files, mesh, SystemClock().now())
    asked = Inventory(Where(mesh=mesh, server=server)).mesh()
    return list(server.get(*OWN, "meshes", asked, "analysis")["findings"])


def _show(found: Sequence[dict[str, Any]]) -> None:
    console = Console(width=None if sys.stdout.isatty() else 200)
    for one in found:
        line = Text(f"{one['severity']:<8}", style=STYLES[one["severity"]])
        line.append(f"{one['resource']}  ", style="cyan").append(one["why"]).append(
            f"  [{one['rule']}]", style="dim"
        )
        console.print(line, soft_wrap=not sys.stdout.isatty())
        console.print(Text(f"        {one['fix']}", style="dim"), soft_wrap=not sys.stdout.isatty())
    counts = ", ".join(f"{sum(one['severity'] == each for one in found)} {each}s" for each in SEVERITIES)
    console.print(Text(counts if found else "nothing found", style="bold"))
