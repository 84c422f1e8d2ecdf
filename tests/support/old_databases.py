"""Databases as earlier versions of Gossamer left them, from dumps that they themselves wrote."""

import sqlite3
from pathlib import Path

import psycopg
from sqlalchemy import URL

DUMPS = Path(__file__).parent.parent / "store" / "old"

#: What sealed the secrets in them.
KEY = bytes(32)


def old_database(url: URL, version: int) -> None:
    """Fill an empty database with what a version left."""
    dump = (DUMPS / f"version-{version}.{url.get_backend_name()}.sql").read_text()
    if url.get_backend_name() == "sqlite":
        connection = sqlite3.connect(str(url.database))
        connection.executescript(dump)
        connection.close()
        return
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as server:
        server.execute(dump.encode())
