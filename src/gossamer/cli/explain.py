"""`gossamer explain`: what becomes of a request, step by step, and why."""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

import cyclopts
from rich.console import Console
from rich.text import Text

from gossamer.cli.files import Flagged
from gossamer.cli.inventory import Inventory, Where
from gossamer.cli.server import HERE, OWN, Server, told
from gossamer.cli.shown import show_document
from gossamer.cli.words import WrongUsage

app = cyclopts.App(name="explain")

#: How a step's outcome is shown, and in which colour on a terminal.
SIGNS: Final = {"matched": ("✓", "green"), "skipped": ("-", "dim"), "none": ("✗", "red")}

#: Exit with it when the request reaches no target.
NOWHERE: Final = 3


@cyclopts.Parameter(name="*")
@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """Who sends the request, and what comes with it."""

    mesh: Annotated[str | None, cyclopts.Parameter(alias="-m")] = None
    """The mesh; may be left out where there is only one."""
    sender: Annotated[str, cyclopts.Parameter(name="--from")]
    """The virtual node whose application sends it, or the virtual gateway that it comes to."""
    header: Annotated[tuple[str, ...], cyclopts.Parameter(alias="-H", negative="")] = ()
    """A header, as `name: value`; may be given several times."""
    protocol: Literal["http", "http2", "grpc", "tcp"] | None = None
    """What the client speaks, if the URL's scheme does not say it."""
    file: Flagged = ()
    """A file of the mesh's resources, or - for the standard input: nothing is asked of a server."""


@app.default
@told
def explain(
    method: str,
    url: str,
    /,
    *,
    sent: Sent,
    server: Server = HERE,
    output: Annotated[Literal["text", "json", "yaml"], cyclopts.Parameter(alias="-o")] = "text",
) -> int:
    """Tell what becomes of a request: every step from its host to the cluster that is chosen, and why.

    Exits with 0 if the request reaches a target, with 3 if a proxy answers it itself or closes the
    connection, and with 1 or 2 if nothing can be told.

    Parameters
    ----------
    method
        The method of the request, such as GET.
    url
        Whom the application calls: http://, https://, grpc:// or tcp://, with a port unless it is the usual.
    output
        Text for people, JSON or YAML for programs.
    """
    asked = _asked(method, url, sent)
    found = _offline(asked, sent) if sent.file else _served(asked, sent, server)
    _write(found, output)
    return 0 if _reaches(found["result"]) else NOWHERE


def _served(asked: Mapping[str, Any], sent: Sent, server: Server) -> dict[str, Any]:
    mesh = Inventory(Where(mesh=sent.mesh, server=server)).mesh()
    return server.post(*OWN, "meshes", mesh, "explain", body=asked)


def _offline(asked: Mapping[str, Any], sent: Sent) -> dict[str, Any]:
    """The explanation that the mesh in the files has.

    Raises: WrongUsage.
    """
    from gossamer.cli.offline import explained_in  # noqa: PLC0415 - half a control plane, seldom needed

    return explained_in(sent.file, sent.mesh, sent.sender, asked)


def _asked(method: str, url: str, sent: Sent) -> dict[str, Any]:
    """The request as the route takes it.

    Raises: WrongUsage.
    """
    listed: dict[str, list[str]] = {}
    for one in sent.header:
        name, colon, value = one.partition(":")
        if not colon:
            raise WrongUsage(f"header {one!r}: must be `name: value`")
        listed.setdefault(name.strip(), []).append(value.strip())
    asked: dict[str, Any] = {"from": sent.sender, "method": method, "url": url, "headers": listed}
    return asked | ({"protocol": sent.protocol} if sent.protocol else {})


def _reaches(result: Mapping[str, Any]) -> bool:
    return bool(result["targets"]) and "status" not in result and not result.get("closed")


def _write(found: dict[str, Any], output: str) -> None:
    if output != "text":
        show_document(found, output)
    else:
        console = Console(width=None if sys.stdout.isatty() else 200)
        for line in (*_steps(found["steps"]), *_summary(found["result"])):
            console.print(line, soft_wrap=not sys.stdout.isatty())


def _steps(steps: list[dict[str, str]]) -> Iterator[Text]:
    """A line a step; what a step is about stands where it changes."""
    for step in steps:
        sign, style = SIGNS[step["outcome"]]
        line = Text(f"{sign} ", style=style)
        line.append(f"{step['stage']:<12}", style="bold")
        if "resource" in step:
            line.append(f"{step['resource']}  ", style="cyan")
        yield line.append(step["why"], style="dim" if step["outcome"] == "skipped" else "")


def _summary(result: Mapping[str, Any]) -> Iterator[Text]:
    """What it comes to, in a line."""
    yield Text()
    if result.get("closed"):
        yield Text("The connection is closed.", style="bold red")
    elif "status" in result:
        yield Text(f"The proxy itself answers {result['status']}.", style="bold red")
    else:
        total = sum(one["weight"] for one in result["targets"])
        shares = (
            f"{one.get('resource', one['cluster'])} port {one['port']} ({100 * one['weight'] / total:.4g} %)"
            for one in result["targets"]
            if one["weight"]
        )
        yield Text(f"Goes to {', '.join(shares)}.", style="bold green")
