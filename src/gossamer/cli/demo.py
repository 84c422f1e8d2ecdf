"""`gossamer demo`: the Getting Started, live on this machine."""

import asyncio
import sys
from typing import Literal

import cyclopts
from rich.console import Console

from gossamer.demo.processes import DemoFailed
from gossamer.demo.run import chosen, perform
from gossamer.demo.show import Show

app = cyclopts.App(name="demo")


@app.default
def run(*, once: bool = False, mode: Literal["auto", "root", "user", "explicit"] = "auto") -> int:
    """Play the Getting Started: three services with real sidecars, a canary, and two shifts of its weights.

    Parameters
    ----------
    once
        Without a person: exit 0 only if every split was right, no request failed and nothing is left behind.
        Without a terminal this is the default.
    mode
        Where the machines come from: root's own namespaces, an unprivileged user namespace, or none at all,
        with explicit proxying on the loopback.
    """
    console = Console()
    show = Show(console)

    async def play() -> None:
        await perform(show, await chosen(mode), once=once or not sys.stdin.isatty())

    try:
        asyncio.run(play())
    except DemoFailed as failure:
        sys.stderr.write(f"gossamer demo: {failure}\n")
        return 1
    except KeyboardInterrupt:
        show.step("\nStopped; everything that the demo started is gone.")
    return 0
