"""A PostgreSQL server of the test's own, on a socket and a free port of the loopback; gone with the test."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import URL, make_url

USER = "gossamer"
#: How long a busy machine may take to start it.
PATIENCE_S = 60.0
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
    options: tuple[str, ...] = ()

    def start(self) -> None:
        """Start, and wait until it answers."""
        command = (
            *_as_its_user(),
            *(str(self.programs / "postgres"), "-D", str(self.directory / "data")),
            *("-h", "127.0.0.1", "-p", str(self.port), "-k", str(self.directory)),
            # A test server's disk may forget, its transactions may not.
            *("-c", "fsync=off", "-c", "max_connections=60", "-c", "logging_collector=off"),
            *(word for option in self.options for word in ("-c", option)),
        )
        with (self.directory / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            with contextlib.suppress(psycopg.OperationalError):
                self.administer("SELECT 1")
                return
            assert self.process.poll() is None, (self.directory / "log").read_text()[-2000:]
            time.sleep(0.05)
        raise AssertionError("PostgreSQL did not start")

    def stop(self, how: str = "immediate") -> None:
        """Stop; `immediate` is a crash, `fast` an orderly end."""
        assert self.process is not None
        command = (str(self.programs / "pg_ctl"), "-D", str(self.directory / "data"), "-m", how, "stop")
        subprocess.run((*_as_its_user(), *command), check=True, capture_output=True)
        self.process.wait()

    def pause(self) -> None:
        """Stop all its processes where they are; their machine answers for them."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """The end of a pause."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        found = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        # The first one starts the others; while it stands still, no more come.
        for pid in (self.process.pid, *map(int, found)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def promote(self) -> None:
        """Make a standby the one that takes writes."""
        command = (str(self.programs / "pg_ctl"), "-D", str(self.directory / "data"), "-w", "promote")
        subprocess.run((*_as_its_user(), *command), check=True, capture_output=True)

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
    made_for_its_user(directory)
    command = (str(found / "initdb"), "-D", str(directory / "data"), "-U", USER, "-A", "trust", "-N")
    subprocess.run((*_as_its_user(), *command), check=True, capture_output=True)
    server = PostgresqlServer(found, directory, free_port())
    server.start()
    try:
        yield server
    finally:
        if server.process is not None and server.process.poll() is None:
            server.stop()


@contextlib.contextmanager
def standby_of(primary: PostgresqlServer, directory: Path) -> Iterator[PostgresqlServer]:
    """A server that follows another one, which waits for it with every commit."""
    made_for_its_user(directory)
    _run(
        _program(primary, "pg_basebackup"),
        *("-h", "127.0.0.1", "-p", str(primary.port), "-U", USER, "-D", str(directory / "data")),
        *("-R", "-X", "stream", "-c", "fast"),
    )
    server = PostgresqlServer(primary.programs, directory, free_port(), options=("hot_standby=on",))
    server.start()
    try:
        primary.administer("ALTER SYSTEM SET synchronous_standby_names = '*'")
        primary.administer("SELECT pg_reload_conf()")
        yield server
    finally:
        if server.process is not None and server.process.poll() is None:
            server.stop()


def made_for_its_user(directory: Path) -> None:
    """A folder that the server may write to."""
    directory.mkdir(mode=0o755, exist_ok=True)
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        os.chown(directory, user.pw_uid, user.pw_gid)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def _program(server: PostgresqlServer, name: str) -> str:
    """One of those that come with a server; a link to the server alone may stand elsewhere."""
    beside = (server.programs / "initdb").resolve().parent / name
    return str(beside)


def _run(*command: str) -> None:
    done = subprocess.run((*_as_its_user(), *command), check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def _as_its_user() -> Sequence[str]:
    """PostgreSQL refuses to run as root."""
    return ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups") if os.geteuid() == 0 else ()
