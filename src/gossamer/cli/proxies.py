"""`gossamer proxies`: what each connected proxy runs, and what it refused, in Envoy's own words."""

import json
import os
import sys
from typing import Annotated, Literal

import cyclopts
from rich.console import Console
from rich.table import Table

from gossamer.cli.control_plane import NotAnswered, fetched
from gossamer.clock import SystemClock
from gossamer.contract import API_PORT

app = cyclopts.App(name="proxies")


@app.default
def show(
    *,
    endpoint_url: str = f"http://127.0.0.1:{API_PORT}",
    output: Annotated[Literal["table", "json"], cyclopts.Parameter(alias="-o")] = "table",
) -> int:
    """Show every connected proxy.

    Parameters
    ----------
    endpoint_url
        Where the control plane's API answers.
    output
        A table for people, or JSON for programs.
    """
    try:
        answer = fetched(f"{endpoint_url}/gossamer/v1/proxies", {}, os.environ, SystemClock().now())
    except NotAnswered as error:
        sys.stderr.write(f"gossamer proxies: {error}\n")
        return 1
    found = answer["proxies"] if isinstance(answer, dict) else []
    if output == "json":
        sys.stdout.write(json.dumps(found, indent=2) + "\n")
    else:
        Console().print(_table(found))
    return 0


def _table(proxies: list[dict[str, object]]) -> Table:
    table = Table("proxy", "state", "envoy", "since", "refused", box=None)
    for proxy in proxies:
        types = proxy["types"]
        refusals = [
            f"{name}: {found['refusal']}"
            for name, found in (types.items() if isinstance(types, dict) else ())
            if found["refusal"]
        ]
        since = str(proxy["connectedAt"])
        table.add_row(
            str(proxy["node"]), str(proxy["state"]), str(proxy["envoy"]), since, "\n".join(refusals)
        )
    return table
