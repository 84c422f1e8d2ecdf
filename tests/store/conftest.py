"""Every test of the store runs on both engines."""

import itertools
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL

from gossamer.store.engine import sqlite_url
from tests.support.postgresql_server import PostgresqlServer, postgresql_server, programs

COUNT = itertools.count(1)


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


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> URL:
    """An empty database."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path / "store.db")
    if programs() is None:
        pytest.skip("PostgreSQL is not installed")
    server: PostgresqlServer = request.getfixturevalue("postgresql")
    return server.create_database(f"store{next(COUNT)}")
