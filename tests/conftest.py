"""What tests of several folders share."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.postgresql_server import PostgresqlServer, postgresql_server


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
