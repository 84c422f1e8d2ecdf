"""How the control plane uses the processor: gRPC's threads, and when Python looks for garbage.

Source: gRPC Core, experiments (`GRPC_EXPERIMENTS`, a leading `-` turns one off); Python's `gc`.
"""

import gc
from collections.abc import MutableMapping
from typing import Final

_EXPERIMENTS: Final = "GRPC_EXPERIMENTS"

#: gRPC's event engine hands each message from thread to thread before Python hears of it; its older poller
#: reads where it waits. A push takes a fifth less time with it.
_CHOSEN: Final = "-event_engine_listener"

#: How many more objects there must be for a look at the youngest, so many such looks for one at those that
#: survived one, and so many of these for one at all.
_THRESHOLDS: Final = (20_000, 20, 50)


def choose_poller(environ: MutableMapping[str, str]) -> None:
    """Choose how gRPC waits, unless somebody did; it looks when it is imported for the first time."""
    environ.setdefault(_EXPERIMENTS, _CHOSEN)


def settle() -> None:
    """Take what is there for what stays, and look seldom for garbage that counting references does not find.

    Such a look keeps every thread still. What a mesh is made of never names itself in a circle, and there may
    be a million objects of it: looking through all of them took 100 ms, again and again while a mesh grew.
    Neither a push nor an answered call leaves such garbage.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
