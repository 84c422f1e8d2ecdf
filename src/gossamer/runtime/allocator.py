"""How memory that was let go is found, and given back; gRPC scatters it over many arenas.

Source: glibc manual, malloc tunable parameters (`M_ARENA_MAX`), `malloc_trim`; docs/decisions/090.
"""

import asyncio
import ctypes
import gc
import os
from collections.abc import Callable, Mapping
from typing import Final

#: The parameter's number in glibc's `malloc.h`.
_ARENA_MAX: Final = -8

#: One for the event loop, whose thread came first, and one for all others: they seldom allocate at once.
ARENAS: Final = 2

#: With these an operator decides instead.
_TUNED_BY: Final = ("MALLOC_ARENA_MAX", "GLIBC_TUNABLES")

#: How often what was let go is given back, and looked for where the last look found something.
GIVE_BACK_S: Final = 60.0

#: A look that finds fewer objects than this, half a megabyte, was not worth it: the next waits twice as long.
WORTH_IT: Final = 5_000

#: But no longer than so many times.
PATIENCE: Final = 10


def settle(environ: Mapping[str, str] = os.environ) -> None:
    """Use few arenas from now on; before there are threads, or those keep theirs."""
    mallopt = _found("mallopt")
    if mallopt is not None and not any(name in environ for name in _TUNED_BY):
        mallopt(_ARENA_MAX, ARENAS)


async def give_back(every_s: float = GIVE_BACK_S) -> None:
    """For ever, find what is of no use any more, and give the system back what is free.

    A stream that ended is a circle: its task, the exception that ended it, and the frame of that name each
    other, in gRPC's half of it too. Python alone would look when there are millions (`runtime/tuning`). The
    look keeps every thread still, half a second where 20,000 resources came since the start; so it is made
    seldom where streams stay. Giving back takes a few milliseconds beside the event loop, and is left out
    where the C library cannot.
    """
    malloc_trim = _found("malloc_trim")
    rest = pause = 1
    while True:
        await asyncio.sleep(every_s)
        rest -= 1
        if not rest:
            rest = pause = 1 if gc.collect() >= WORTH_IT else min(2 * pause, PATIENCE)
        if malloc_trim is not None:
            await asyncio.to_thread(malloc_trim, 0)


def _found(name: str) -> Callable[..., int] | None:
    """A function of glibc; musl has neither."""
    return getattr(ctypes.CDLL(None), name, None)
