"""How the control plane uses the processor: a light start, gRPC's threads, and when Python looks for garbage.

Source: gRPC Core, experiments (`GRPC_EXPERIMENTS`, a leading `-` turns one off); Python's `gc`; structlog,
`structlog.dev`, which takes Rich where that is; pydantic, plugins.
"""

import contextlib
import gc
import importlib
import sys
from collections.abc import Iterator, MutableMapping
from typing import Final

_EXPERIMENTS: Final = "GRPC_EXPERIMENTS"

#: gRPC's event engine hands each message from thread to thread before Python hears of it; its older poller
#: reads where it waits. A push takes a fifth less time with it.
_CHOSEN: Final = "-event_engine_listener"

#: Pydantic looks through all that is installed for what may want to see how it validates.
_PLUGINS: Final = "PYDANTIC_DISABLE_PLUGINS"

#: How many more objects there must be for a look at the youngest, so many such looks for one at those that
#: survived one, and so many of these for one at all.
_THRESHOLDS: Final = (200_000, 20, 50)


def begin(environ: MutableMapping[str, str]) -> None:
    """Start light; before anything else is loaded.

    Nothing that is loaded becomes garbage, and looking for it took a tenth of a start; `settle` ends that.
    Our log writes tracebacks as text, and Rich, which could draw them, is half of what loading it takes.
    Pydantic's plugins are not looked for, unless somebody says otherwise: nobody has any here.
    """
    gc.disable()
    choose_poller(environ)
    environ.setdefault(_PLUGINS, "__all__")
    with _hidden("rich"):
        importlib.import_module("structlog")


@contextlib.contextmanager
def _hidden(package: str) -> Iterator[None]:
    """Let a package that nobody has loaded look as if it were not installed."""
    if package in sys.modules:
        yield
        return
    sys.modules[package] = None  # type: ignore[assignment]  # what Python takes for "not there"
    try:
        yield
    finally:
        del sys.modules[package]


def choose_poller(environ: MutableMapping[str, str]) -> None:
    """Choose how gRPC waits, unless somebody did; it looks when it is imported for the first time."""
    environ.setdefault(_EXPERIMENTS, _CHOSEN)


def settle() -> None:
    """Take what is there for what stays, and look seldom for garbage that counting references does not find.

    Such a look keeps every thread still. What a mesh is made of never names itself in a circle, and there may
    be a million objects of it: looking through all of them took 100 ms, again and again while a mesh grew.
    Neither a push nor an answered call leaves such garbage, nor does a start: it is not looked for even now.
    What ended streams leave is found once a minute (`allocator`); these looks only bound it until then.
    """
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
    gc.enable()
