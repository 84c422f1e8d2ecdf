"""Asking a person before something large is done; a program says so beforehand."""

import sys
from typing import Final

from gossamer.cli.server import Answer
from gossamer.cli.words import WrongUsage

#: How many resources are named before somebody is asked.
SHOWN: Final = 10


def confirmed(what: str) -> None:
    """Return if a person agrees.

    Raises: WrongUsage if they do not, or nobody is there to ask.
    """
    if not sys.stdin.isatty():
        raise WrongUsage(f"to {what}, say --yes")
    sys.stderr.write(f"{what}? [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise WrongUsage("nothing was done")


def agreed(what: str, tried: Answer, *actions: str) -> list[Answer]:
    """All that a change would find, as it was when a person agreed to it: to what it names, by these actions.

    Nobody is asked where there is nothing of that kind.
    Raises: WrongUsage if they do not agree.
    """
    changes = [one for one in tried["changes"] if one["action"] in (actions or (one["action"],))]
    if changes:
        names = [one["resource"] for one in changes[:SHOWN]]
        more = f" and {len(changes) - SHOWN} more" if len(changes) > SHOWN else ""
        confirmed(f"{what} {', '.join(names)}{more}")
    return [one["expected"] for one in tried["changes"]]
