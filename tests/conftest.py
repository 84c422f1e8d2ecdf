"""What tests of several folders share."""

import gc
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from xdist.remote import Producer

from tests.support.chance import FUZZ
from tests.support.longest_first import LongestFirst
from tests.support.postgresql_server import PostgresqlServer, postgresql_server

#: A whole mesh takes longer to draw than Hypothesis likes, and is slower yet on a busy machine.
SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)

# Not to explain: it takes as long again as to shrink, and says which lines of ours ran.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)

settings.register_profile("usual", deadline=None, suppress_health_check=SLOW, phases=PHASES, print_blob=True)
settings.register_profile(FUZZ, settings.get_profile("usual"), max_examples=400)
settings.load_profile("usual")


def pytest_configure() -> None:
    """Hear interrupts, and have what we start hear them; what runs in a script's background does not."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LongestFirst | None:
    """Who does what where files are handed out; elsewhere, what was asked for."""
    return LongestFirst(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_collection_finish() -> None:
    """Take thousands of tests, and all that they import, for what stays: looking through them takes long."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlServer]:
    """One server for all tests; each has a database of its own."""
    # Its own user must reach it, so it cannot live in pytest's private directory.
    directory = Path(tempfile.mkdtemp(prefix="gossamer-pg-", dir="/tmp"))
    try:
        with postgresql_server(directory) as server:
            yield server
    finally:
        shutil.rmtree(directory)
