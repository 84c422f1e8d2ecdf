"""`gossamer doctor`: why the proxy on this machine is not ready."""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from typing import Annotated, Final, Literal

import cyclopts

from gossamer.sidecar.doctor.check import Check, Verdict
from gossamer.sidecar.doctor.doctor import examined

#: Variables are the agent's.
app = cyclopts.App(name="doctor", config=())

SIGNS: Final = {Verdict.OK: "✓", Verdict.WARN: "!", Verdict.FAIL: "✗"}
COLOURS: Final = {Verdict.OK: "32", Verdict.WARN: "33", Verdict.FAIL: "31"}

#: Exit with it when something keeps the proxy from working.
UNWELL: Final = 1


@app.default
def doctor(*, output: Annotated[Literal["text", "json"], cyclopts.Parameter(alias="-o")] = "text") -> int:
    """Tell why the proxy on this machine is not ready, line by line, with what to do.

    Run it where the agent runs, with the agent's variables. Exits with 1 if something keeps the proxy from
    working, and with 0 otherwise.

    Parameters
    ----------
    output
        Text for people, or JSON for programs.
    """
    return asyncio.run(_run(os.environ, output))


async def _run(environ: Mapping[str, str], output: str) -> int:
    """Look, and tell each thing as soon as it is known."""
    found: list[Check] = []
    async for check in examined(environ):
        found.append(check)
        if output == "text":
            sys.stdout.write(_line(check, is_coloured=sys.stdout.isatty()))
            sys.stdout.flush()
    if output == "json":
        listed = [
            {
                "name": one.name,
                "verdict": one.verdict.value,
                "said": one.said,
                **({"todo": one.todo} if one.todo else {}),
            }
            for one in found
        ]
        sys.stdout.write(json.dumps({"checks": listed}, indent=2) + "\n")
    return UNWELL if any(one.verdict is Verdict.FAIL for one in found) else 0


def _line(check: Check, *, is_coloured: bool) -> str:
    sign = SIGNS[check.verdict]
    shown = f"\x1b[{COLOURS[check.verdict]}m{sign}\x1b[0m" if is_coloured else sign
    todo = f"{'':16}{check.todo}\n" if check.todo else ""
    return f"{shown} {check.name:<14}{check.said}\n{todo}"
