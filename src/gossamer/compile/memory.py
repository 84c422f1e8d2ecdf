"""Remembers what a pure translation gave for the same input: many proxies need the same messages.

Only for functions of frozen values whose message nobody edits afterwards.
"""

import functools
from collections.abc import Callable
from typing import Final, ParamSpec, TypeVar, cast

P = ParamSpec("P")
R = TypeVar("R")

#: Messages a function: several times what a mesh of a thousand services needs.
REMEMBERED: Final = 16_384


def remembered(translate: Callable[P, R]) -> Callable[P, R]:
    """The same function; what it gave for an input is given again while that was used lately."""
    return cast(Callable[P, R], functools.lru_cache(maxsize=REMEMBERED)(translate))
