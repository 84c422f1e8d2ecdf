"""Long work shown on standard error: bars for a person who watches, a line a part otherwise."""

import contextlib
import sys
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn


@contextlib.contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """What to tell: what is being done, how much of it is done, and how much there is."""
    if not sys.stderr.isatty():
        yield _line
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bars: dict[str, TaskID] = {}
    with Progress(*columns, console=Console(stderr=True)) as shown:

        def tell(what: str, done: int, total: int) -> None:
            if what not in bars:
                bars[what] = shown.add_task(what, total=total)
            shown.update(bars[what], completed=done)

        yield tell


def _line(what: str, done: int, total: int) -> None:
    if done == total:
        sys.stderr.write(f"{what}: {done}\n")
