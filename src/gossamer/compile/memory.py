"""Remembers what a pure translation gave for the same input: many proxies need the same messages.

Only for functions of frozen values whose message nobody edits afterwards. What was given is forgotten with
its input, so that memory follows what is in the meshes and not what ever was: whoever writes new values all
day, as a pipeline does, leaves nothing behind.
"""

import functools
from collections.abc import Callable
from typing import Concatenate, Final, ParamSpec, TypeVar, cast
from weakref import WeakKeyDictionary

H = TypeVar("H")
P = ParamSpec("P")
R = TypeVar("R")

#: In how many circumstances an input is remembered: there are one or two.
CIRCUMSTANCES: Final = 64

#: Of what depends on names alone: enough for what is compiled together.
NAMES: Final = 256


def remembered(translate: Callable[Concatenate[H, P], R]) -> Callable[Concatenate[H, P], R]:
    """The same function; what it gave is given again for as long as somebody holds its first argument.

    What it gives must not hold that argument.
    """
    known: WeakKeyDictionary[H, dict[tuple[object, ...], R]] = WeakKeyDictionary()

    @functools.wraps(translate)
    def recalled(held: H, /, *circumstances: P.args, **named: P.kwargs) -> R:
        found = known.get(held)
        if found is None or len(found) > CIRCUMSTANCES:
            found = known[held] = {}
        if circumstances not in found:
            found[circumstances] = translate(held, *circumstances, **named)
        return found[circumstances]

    return recalled


def remembered_by_name(translate: Callable[P, R]) -> Callable[P, R]:
    """The same function of names; what it gave is given again while that was used lately."""
    return cast(Callable[P, R], functools.lru_cache(maxsize=NAMES)(translate))
