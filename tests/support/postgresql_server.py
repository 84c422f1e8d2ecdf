"""A PostgreSQL server of the test's own, on a socket and a free port of the loopback; gone with the test."""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import URL, make_url

USER = "gossamer"
DEBIAN = Path("/usr/lib/postgresql")


def programs() -> Path | None:
    """The folder of the newest server that is installed, if any is."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    versions = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda one: int(one.parts[-3]))
    return versions[-1].parent if versions else None


@dataclass
class PostgresqlServer:
    """A running server; its data survives `stop` and `kill`."""

    programs: Path
    directory: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and wait until it answers."""
        command = (
            *_as_its_user(),
            *(str(self.programs / "postgres"), "-D", str(self.directory / "data")),
            *("-h", "127.0.0.1", "-p", str(self.port), "-k", str(self.directory)),
            # A test server's disk may forget, its transactions may not.
            *("-c", "fsync=off", "-c", "max_connections=60", "-c", "logging_collector=off"),
        )
        with (self.directory / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        for _ in range(1200):
            with contextlib.suppress(psycopg.OperationalError):
                self.administer("SELECT 1")
                return
            assert self.process.poll() is None, (self.directory / "log").read_text()[-2000:]
        raise AssertionError("PostgreSQL did not start")

    def stop(self, how: str = "immediate") -> None:
        """Stop; `immediate` is a crash, `fast` an orderly end."""
        assert self.process is not None
        command = (str(self.programs / "pg_ctl"), "-D", str(self.directory / "data"), "-m", how, "stop")
        subprocess.run((*_as_its_user(), *command), check=True, capture_output=True)
        self.process.wait()

    def url(self, database: str = "postgres") -> URL:
        """Where one of its databases is."""
        return make_url(f"postgresql+psycopg://{USER}@127.0.0.1:{self.port}/{database}")

    def create_database(self, name: str) -> URL:
        """A new, empty database."""
        self.administer(f'CREATE DATABASE "{name}"')
        return self.url(name)

    def administer(self, statement: str) -> list[Any]:
        """Carry out one statement as the owner of everything."""
        plain = self.url().set(drivername="postgresql").render_as_string()
        with psycopg.connect(plain, autocommit=True, connect_timeout=2) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []


@contextlib.contextmanager
def postgresql_server(directory: Path) -> Iterator[PostgresqlServer]:
    """A server on an empty directory."""
    found = programs()
    assert found is not None, "PostgreSQL is not installed: apt-get install postgresql"
    directory.mkdir(mode=0o755, exist_ok=True)
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        os.chown(directory, user.pw_uid, user.pw_gid)
    command = (str(found / "initdb"), "-D", str(directory / "data"), "-U", USER, "-A", "trust", "-N")
    subprocess.run((*_as_its_user(), *command), check=True, capture_output=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = PostgresqlServer(found, directory, port)
    server.start()
    try:
        yield server
    finally:
        if server.process is not None and server.process.poll() is None:
            server.stop()


def _as_its_user() -> Sequence[str]:
    """PostgreSQL refuses to run as root."""
    return ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups") if os.geteuid() == 0 else ()
