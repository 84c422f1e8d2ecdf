"""`gossamer proxies`: what each connected proxy runs, and what it refused, in Envoy's own words."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Final, Literal

import cyclopts
from rich.text import Text

from gossamer.cli.failure import REFUSED
from gossamer.cli.server import HERE, OWN, Answer, Server, told
from gossamer.cli.shown import Output, local, show_document, show_table

app = cyclopts.App(name="proxies")

_COLOURS: Final = {"in sync": "green", "updating": "yellow", "refused": "red", "stale": "red"}


@cyclopts.Parameter(name="*")
@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """Which proxies."""

    mesh: Annotated[str | None, cyclopts.Parameter(alias="-m")] = None
    """Only those of this mesh."""
    state: Literal["in sync", "updating", "refused", "stale"] | None = None
    """Only those in this state."""
    check: Annotated[bool, cyclopts.Parameter(negative="")] = False
    """Exit with 1 if a proxy that is shown refused an update, or is stale."""

    def wants(self, proxy: Answer) -> bool:
        """Whether it is one of those."""
        return self.mesh in (None, proxy.get("mesh")) and self.state in (None, proxy["state"], state(proxy))


EVERY: Final = Wanted()


@app.default
@told
def show(*, wanted: Wanted = EVERY, output: Output = "table", server: Server = HERE) -> int:
    """Show the proxies that are connected, those first that are stale: what each runs, and what it refused.

    A proxy is stale if it refused an update, or has left one unacknowledged for long.

    Parameters
    ----------
    output
        A table for people, or JSON or YAML for programs.
    """
    found = [one for one in server.get(*OWN, "proxies")["proxies"] if wanted.wants(one)]
    if output == "table":
        show_table(("proxy", "stream", "state", "envoy", "agent", "since", "refused"), _rows(found))
    else:
        show_document(found, output)
    is_bad = any(one["stale"] or one["state"] == "refused" for one in found)
    return REFUSED if wanted.check and is_bad else 0


def state(proxy: Answer) -> str:
    """How it stands with a proxy, in one word; what it refused says more than that it is stale."""
    return "stale" if proxy["stale"] and proxy["state"] != "refused" else str(proxy["state"])


def _rows(proxies: list[Answer]) -> Iterator[tuple[str | Text, ...]]:
    for proxy in proxies:
        refusals = [f"{name}: {one['refusal']}" for name, one in proxy["types"].items() if one["refusal"]]
        word = state(proxy)
        shown = f"{word} since {local(proxy['waitingSince'])}" if word == "stale" else word
        yield (
            proxy["endpoint"],
            proxy["stream"],
            Text(shown, style=_COLOURS[word]),
            proxy["envoy"],
            proxy.get("agent", ""),
            local(proxy["since"]),
            "\n".join(refusals),
        )
