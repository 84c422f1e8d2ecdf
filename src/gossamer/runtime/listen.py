"""What the process holds before anything starts: its data directory, and the API's socket."""

import contextlib
import fcntl
import socket
from collections.abc import Iterator

from gossamer.runtime.settings import Settings


class CannotStart(Exception):
    """The process cannot start; the text says why, and what to do."""


@contextlib.contextmanager
def owned(settings: Settings) -> Iterator[None]:
    """Hold the data directory: two processes on one would not see each other's changes.

    Replicas on PostgreSQL see each other's, and need no directory of their own.
    """
    if settings.database_url:
        yield
        return
    directory = settings.directory()
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (directory / "lock").open("w")
    except OSError as error:
        raise CannotStart(
            f"cannot keep data in {directory}: {error.strerror} (--data-dir changes it)"
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CannotStart(f"another control plane uses {directory} (--data-dir changes it)") from error
        yield


@contextlib.contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """The API's socket, bound before anything else starts."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        bound = socket.create_server((host.strip("[]"), port), family=family, backlog=2048)
    except OSError as error:
        raise CannotStart(
            f"cannot listen on {shown(host)}:{port}: {error.strerror} (--api-port changes it)"
        ) from error
    with bound:
        yield bound


def shown(host: str) -> str:
    """An address as it stands in a URL."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host
