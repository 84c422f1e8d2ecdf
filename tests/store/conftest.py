"""Every test of the store runs on both engines."""

import itertools
from pathlib import Path

import pytest
from sqlalchemy import URL

from gossamer.store.engine import sqlite_url
from tests.support.postgresql_server import PostgresqlServer, programs

COUNT = itertools.count(1)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> URL:
    """An empty database."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path / "store.db")
    if programs() is None:
        pytest.skip("PostgreSQL is not installed")
    server: PostgresqlServer = request.getfixturevalue("postgresql")
    return server.create_database(f"store{next(COUNT)}")
