"""Golden pairs of the injection: a file and flags become a file, or the sentence of a refusal.

`X.flags` says why the case exists and which flags are given; `X.in.json` or `X.in.yaml` is the file. What
comes out lies beside them as `X.out.json` or `X.out.yaml`, what is said as `X.said.txt`.
"""

import contextlib
import io
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gossamer.cli.inject import app

HERE: Final = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Case:
    """One pair."""

    path: Path

    @property
    def name(self) -> str:
        return f"{self.command}/{self.path.stem}"

    @property
    def command(self) -> str:
        """`ecs` or `kubernetes`."""
        return self.path.parent.name

    @property
    def source(self) -> Path:
        """The file that is injected."""
        (found,) = self.path.parent.glob(f"{self.path.stem}.in.*")
        return found

    @property
    def output(self) -> Path:
        """Where what comes out belongs."""
        return self.source.with_name(self.source.name.replace(".in.", ".out."))

    @property
    def said(self) -> Path:
        """Where what is said belongs."""
        return self.path.with_suffix(".said.txt")

    def flags(self) -> list[str]:
        return shlex.split(self.path.read_text(), comments=True)

    def run(self, source: Path | None = None, *more: str) -> tuple[int, str, str]:
        """Inject; the exit code, what came out, what was said."""
        return injected(self.command, str(source or self.source), *self.flags(), *more)

    def outputs(self) -> dict[Path, str]:
        """Every file that must lie beside the case, and what must be in it."""
        _, out, said = self.run()
        files = {self.output: out, self.said: said.replace(f"{self.source}", self.source.name)}
        return {path: text for path, text in files.items() if text}


def injected(*arguments: str) -> tuple[int, str, str]:
    """Run `gossamer inject` in this process."""
    out, said = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(said):
        code = app(list(arguments), result_action="return_value")
    return int(code), out.getvalue(), said.getvalue()


def cases() -> Iterator[Case]:
    """Every case."""
    return map(Case, sorted(HERE.glob("*/*.flags")))


def written() -> set[Path]:
    """Every output that there is."""
    return {path for pattern in ("*/*.out.*", "*/*.said.txt") for path in HERE.glob(pattern)}


def rewrite() -> None:
    """Write the outputs anew, and delete stale ones."""
    wanted = {path: text for case in cases() for path, text in case.outputs().items()}
    for stale in written() - wanted.keys():
        stale.unlink()
    for path, text in wanted.items():
        path.write_text(text)


if __name__ == "__main__":
    rewrite()
