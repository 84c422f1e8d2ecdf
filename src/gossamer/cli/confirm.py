"""Asking a person before something large is done; a program says so beforehand."""

import sys

from gossamer.cli.words import WrongUsage


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
