"""`gossamer config`: what one proxy was sent, and what it runs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Final, Literal

import cyclopts
from rich.text import Text

from gossamer.cli.proxies import state
from gossamer.cli.server import HERE, OWN, Answer, Server, told
from gossamer.cli.shown import Output, console, show_document, show_table
from gossamer.cli.words import WrongUsage
from gossamer.model.likeness import did_you_mean

app = cyclopts.App(name="config")

_COLOURS: Final = {"applied": "green", "sent": "yellow", "pending": "yellow", "refused": "red"}


@cyclopts.Parameter(name="*")
@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """Which resources."""

    type: Annotated[
        Literal["cluster", "endpoint", "listener", "route", "secret"] | None, cyclopts.Parameter(alias="-t")
    ] = None
    """Only those of one type."""
    name: str | None = None
    """Only those whose names hold this."""


EVERYTHING: Final = Wanted()


@app.default
@told
def config(
    proxy: str, /, *, wanted: Wanted = EVERYTHING, output: Output = "table", server: Server = HERE
) -> None:
    """Show what a proxy was sent, and what it runs; secrets are blotted out.

    Parameters
    ----------
    proxy
        The virtual node or gateway that it speaks for, such as front, virtualNode/front or
        shop/virtualNode/front, or the number of its stream, as proxies shows it.
    output
        A table of how far each resource has come, or the resources themselves as JSON or YAML.
    """
    stream = _stream(server.get(*OWN, "proxies")["proxies"], proxy)
    found = server.get(*OWN, "proxies", stream, "config", type=wanted.type)
    shown = [one for one in found["resources"] if wanted.name is None or wanted.name in one["name"]]
    if output != "table":
        show_document(shown, output)
        return
    told_proxy = found["proxy"]
    console().print(f"{told_proxy['endpoint']}, stream {told_proxy['stream']}: {state(told_proxy)}")
    show_table(("type", "name", "state", "version", "runs"), _rows(shown))
    for name, one in told_proxy["types"].items():
        if one["refusal"]:
            console().print(Text(f"{name} refused: {one['refusal']}", style="red"))


def _rows(resources: list[Answer]) -> Iterator[tuple[str | Text, ...]]:
    for one in resources:
        style = _COLOURS[one["state"]]
        version, running = one["version"] or "to go", one["runningVersion"] or "nothing"
        runs = "this" if version == running else running
        yield one["type"], one["name"], Text(one["state"], style=style), version, runs


def _stream(proxies: list[Answer], wanted: str) -> str:
    """The stream of the proxy that is meant.

    Raises: WrongUsage.
    """
    names = {str(one["stream"]): _names(one) for one in proxies}
    found = [stream for stream, its in names.items() if wanted in its]
    if len(found) == 1:
        return found[0]
    if found:
        raise WrongUsage(
            f"{len(found)} proxies speak for {wanted}, on the streams {', '.join(found)}: say which"
        )
    known = sorted({name for its in names.values() for name in its})
    raise WrongUsage(f"no proxy of {wanted} is connected{did_you_mean(wanted, known)}")


def _names(proxy: Answer) -> tuple[str, ...]:
    """All that a proxy may be called."""
    kind, name = proxy.get("kind", ""), proxy.get("name", "")
    return (str(proxy["stream"]), proxy["endpoint"], f"{kind}/{name}", name, proxy["node"])
