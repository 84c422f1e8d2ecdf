"""How commands fail: one sentence on standard error, and an exit code that says of which kind it was."""

import functools
import sys
from collections.abc import Callable
from typing import Final, ParamSpec

from gossamer.cli.words import WrongUsage

#: It was refused, or could not be done.
REFUSED: Final = 1
#: The command line says what cannot be meant, as for a flag that there is not.
WRONG_USAGE: Final = 2

Arguments = ParamSpec("Arguments")

Command = Callable[Arguments, int | None]


def sentence_of(error: Exception) -> str:
    """What went wrong; of a file, which one and what the system says of it."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)


def telling(
    *refusals: type[Exception], sentence: Callable[[Exception], str] = sentence_of
) -> Callable[[Command[Arguments]], Callable[Arguments, int]]:
    """What makes a command out of a function that may return an exit code of its own, and fail as told."""

    def told(command: Command[Arguments]) -> Callable[Arguments, int]:
        @functools.wraps(command)
        def run(*arguments: Arguments.args, **flags: Arguments.kwargs) -> int:
            try:
                return command(*arguments, **flags) or 0
            except WrongUsage as error:
                return _said(command, str(error), WRONG_USAGE)
            except BrokenPipeError:
                raise  # Whoever read it has read enough.
            except refusals as error:
                return _said(command, sentence(error), REFUSED)

        return run

    return told


def _said(command: Callable[..., object], words: str, code: int) -> int:
    name = command.__module__.rpartition(".")[2]
    sys.stderr.write(f"gossamer {name}: {words}\n")
    return code
