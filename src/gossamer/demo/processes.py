"""Programs that end with us, whatever ends us, and that say their last words if they end too early."""

import asyncio
import contextlib
import os
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Final

#: How long a program may take to end by itself.
PATIENCE_S: Final = 8.0

#: How much of a failed program's log is shown.
LAST_LINES: Final = 8


class DemoFailed(Exception):
    """The demo cannot go on; the text says what failed and what to do."""


def environment(**variables: str) -> dict[str, str]:
    """Our environment, with what would lead the demo's programs astray left out."""
    unwanted = ("GOSSAMER_", "APPMESH_", "ENVOY_", "AWS_", "APPNET_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
    return kept | {"PYTHONDONTWRITEBYTECODE": "1"} | variables


def dying_with_us(*command: str) -> tuple[str, ...]:
    """The command, told by the kernel to end when its parent does."""
    setpriv = shutil.which("setpriv")
    return (setpriv, "--pdeathsig", "TERM", "--", *command) if setpriv is not None else command


@contextlib.asynccontextmanager
async def running(
    command: Sequence[str], log: Path, environ: Mapping[str, str], *, is_talking: bool = False
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A program, its errors in a log; ended when we leave. `is_talking` keeps its input and output ours."""
    pipe = asyncio.subprocess.PIPE
    with log.open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=pipe if is_talking else asyncio.subprocess.DEVNULL,
            stdout=pipe if is_talking else errors,
            stderr=errors,
            env=environ,
            limit=2**22,
        )
    try:
        yield process
    finally:
        await ended(process)


async def ended(process: asyncio.subprocess.Process) -> None:
    """Ask a program to end, and make it if it does not."""
    for stop in (process.terminate, process.kill):
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                stop()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), PATIENCE_S)


def last_words(log: Path) -> str:
    """The end of a log, indented."""
    lines = log.read_text(errors="replace").splitlines()[-LAST_LINES:] if log.exists() else []
    return "".join(f"\n    {line[:300]}" for line in lines)
