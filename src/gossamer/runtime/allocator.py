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

#: How often what was let go is looked for, and given back.
GIVE_BACK_S: Final = 60.0


def settle(environ: Mapping[str, str] = os.environ) -> None:
    """Use few arenas from now on; before there are threads, or those keep theirs."""
    mallopt = _found("mallopt")
    if mallopt is not None and not any(name in environ for name in _TUNED_BY):
        mallopt(_ARENA_MAX, ARENAS)


async def give_back(every_s: float = GIVE_BACK_S) -> None:
    """For ever, find what is of no use any more, and give the system back what is free.

    A stream that ended is a circle: its task, the exception that ended it, and the frame of that name each
    other, in gRPC's half of it too. Python alone would look when there are millions (`runtime/tuning`). The
    look keeps every thread still, 100 ms for a million objects that came since the start; giving back takes
    a few milliseconds beside the event loop, and is left out where the C library cannot.
    """
    malloc_trim = _found("malloc_trim")
    while True:
        await asyncio.sleep(every_s)
        gc.collect()
        if malloc_trim is not None:
            await asyncio.to_thread(malloc_trim, 0)


def _found(name: str) -> Callable[..., int] | None:
    """A function of glibc; musl has neither."""
    return getattr(ctypes.CDLL(None), name, None)
