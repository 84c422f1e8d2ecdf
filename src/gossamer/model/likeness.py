"""Which of the names that there are was probably meant by one that is none of them."""

import difflib
from collections.abc import Iterable
from typing import Final

#: Of a longer text only the beginning is compared: comparing takes the square of its length.
_LONGEST: Final = 200


def nearest(text: str, known: Iterable[str]) -> str | None:
    """The name that looks most like a text; None if none does."""
    return next(iter(difflib.get_close_matches(text[:_LONGEST], list(known), n=1)), None)


def did_you_mean(text: str, known: Iterable[str], form: str = "{}") -> str:
    """What is added to a sentence about a name that is none; nothing if no other looks like it."""
    return asked(nearest(text, known), form)


def asked(near: str | None, form: str = "{}") -> str:
    """The same, where it is known already what was meant."""
    return f": did you mean {form.format(near)}?" if near else ""
