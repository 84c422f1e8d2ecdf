"""A page of the tutorials, followed to the letter: its commands in one shell, its shown outputs compared."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]

_BLOCK: Final = re.compile(r"^```(sh|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_MARK: Final = "=== done "


@dataclass(frozen=True)
class Step:
    """Commands that a reader types, and what the page shows as their last lines, if it does."""

    commands: str
    shown: str | None


def steps(page: str) -> tuple[Step, ...]:
    """The steps of a page, in order."""
    found: list[Step] = []
    for kind, text in _BLOCK.findall(page):
        if kind == "sh":
            found.append(Step(text, None))
        else:
            found[-1] = Step(found[-1].commands, text)
    return tuple(found)


def followed(
    plan: tuple[Step, ...], environ: dict[str, str], *, timeout: float
) -> Iterator[tuple[Step, str]]:
    """Type every step into one shell, as a reader would; each with what it printed."""
    typed = "".join(f"{step.commands}echo '{_MARK}{number}'\n" for number, step in enumerate(plan))
    done = subprocess.run(
        ["bash"],
        input=typed,
        env=environ,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    rest = done.stdout
    for number, step in enumerate(plan):
        printed, mark, rest = rest.partition(f"{_MARK}{number}\n")
        assert mark or "exit" in step.commands, f"{step.commands}\n{printed}\n{done.stderr[-4000:]}"
        yield step, printed


def as_root(tools: Path) -> dict[str, str]:
    """The environment of a reader who is root already: `sudo` then is no more than a word."""
    tools.mkdir()
    if shutil.which("sudo") is None:
        (tools / "sudo").write_text('#!/bin/sh\nexec "$@"\n')
        (tools / "sudo").chmod(0o755)
    return {
        "PATH": f"{tools}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": str(tools),
        "SHELL": "/bin/bash",
        "PYTHON": os.environ.get("PYTHON", "python3"),
    }
