"""How the C library keeps memory that was let go: gRPC's threads and buffers scatter it over many arenas.

Source: glibc manual, malloc tunable parameters (`M_ARENA_MAX`), `malloc_trim`; docs/decisions/090.
"""

import asyncio
import ctypes
import os
from collections.abc import Callable, Mapping
from typing import Final

#: The parameter's number in glibc's `malloc.h`.
_ARENA_MAX: Final = -8

#: One for the event loop, whose thread came first, and one for all others: they seldom allocate at once.
ARENAS: Final = 2

#: With these an operator decides instead.
_TUNED_BY: Final = ("MALLOC_ARENA_MAX", "GLIBC_TUNABLES")

#: How often what a storm left behind is given back; it takes a few milliseconds, beside the event loop.
GIVE_BACK_S: Final = 60.0


def settle(environ: Mapping[str, str] = os.environ) -> None:
    """Use few arenas from now on; before there are threads, or those keep theirs."""
    mallopt = _found("mallopt")
    if mallopt is not None and not any(name in environ for name in _TUNED_BY):
        mallopt(_ARENA_MAX, ARENAS)


async def give_back(every_s: float = GIVE_BACK_S) -> None:
    """For ever, give the system back what is free; nothing where the C library cannot."""
    malloc_trim = _found("malloc_trim")
    while malloc_trim is not None:
        await asyncio.sleep(every_s)
        await asyncio.to_thread(malloc_trim, 0)


def _found(name: str) -> Callable[..., int] | None:
    """A function of glibc; musl has neither."""
    return getattr(ctypes.CDLL(None), name, None)
