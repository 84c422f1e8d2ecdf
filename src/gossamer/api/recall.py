"""What pure functions made of short texts, remembered: the same words come with call after call.

Callers choose the texts, so what is remembered is bounded by number and by length.
"""

import functools
from collections.abc import Callable, Hashable
from typing import Final, TypeVar

K = TypeVar("K", str, bytes)
T = TypeVar("T", bound=Hashable)

#: How many texts of one function are remembered, and how long each may be.
MOST: Final = 1024
LONGEST: Final = 512


def recalled(function: Callable[[K], T]) -> Callable[[K], T]:
    """The same function, which remembers; what it raises is not."""
    known = functools.lru_cache(maxsize=MOST)(function)

    @functools.wraps(function)
    def asked(text: K) -> T:
        return known(text) if len(text) <= LONGEST else function(text)

    return asked
