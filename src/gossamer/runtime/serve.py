"""The control plane, one process: starts it all, follows the store, and ends in order."""

import asyncio
import contextlib
import fcntl
import signal
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import structlog
import uvicorn

from gossamer.api.app import ApiSettings, create_app
from gossamer.clock import SystemClock
from gossamer.errors import Unavailable
from gossamer.runtime import health
from gossamer.runtime.follow import Follower
from gossamer.runtime.reconcile import Reconciler
from gossamer.runtime.settings import Settings
from gossamer.store.engine import database_url, sqlite_url
from gossamer.store.sql import SqlStore
from gossamer.store.store import Store
from gossamer.xds.hub import Hub
from gossamer.xds.server import XdsServer

log = structlog.get_logger(__name__)

DATABASE: Final = "gossamer.db"

#: How long streams and requests have to end by themselves.
GRACE_S: Final = 2.0


class CannotStart(Exception):
    """The process cannot start; the text says why, and what to do."""


class _ApiServer(uvicorn.Server):
    """Uvicorn without signal handlers of its own: one place decides when the process ends."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield


@dataclass(slots=True)
class _Process:
    """What runs, once it does."""

    settings: Settings
    store: Store
    reconciler: Reconciler
    is_ready: bool = False


async def serve(settings: Settings) -> None:
    """Run the control plane until it is told to stop.

    Raises: CannotStart, and what `Settings.check` raises.
    """
    settings.check()
    with _owned(settings), _listening(settings.api_host, settings.api_port) as api_socket:
        store = await _opened(settings)
        try:
            await _run(_Process(settings, store, Reconciler(settings.account_id)), api_socket)
        finally:
            await store.close()


async def _opened(settings: Settings) -> SqlStore:
    url = (
        database_url(settings.database_url)
        if settings.database_url
        else sqlite_url(settings.directory() / DATABASE)
    )
    try:
        return await SqlStore.open(url, rules=settings.rules(), clock=SystemClock())
    except Unavailable as error:
        raise CannotStart(str(error)) from error


async def _run(process: _Process, api_socket: socket.socket) -> None:
    settings = process.settings
    follower = Follower(process.store, process.reconciler.apply, is_shared=bool(settings.database_url))
    hub = Hub(
        process.reconciler,
        proxies_per_endpoint=settings.proxies_per_endpoint,
        catch_up=follower.catch_up,
    )
    xds = _xds_server(settings, hub)
    extra = health.routes(hub, process.reconciler, lambda: process.is_ready)
    identity = ApiSettings(account=settings.account_id, region=settings.region)
    app = create_app(process.store, settings=identity, extra_routes=extra)
    api = _ApiServer(uvicorn.Config(app, log_config=None, lifespan="off", access_log=False, ws="none"))
    stopping = _stop_signals()
    await follower.load()
    async with asyncio.TaskGroup() as tasks:
        following = tasks.create_task(follower.follow(), name="follow-store")
        answering = tasks.create_task(api.serve(sockets=[api_socket]), name="api")
        await xds.start()
        process.is_ready = True
        host, port = api_socket.getsockname()[:2]
        log.info(
            "serving",
            api=f"http://{_shown(host)}:{port}",
            xds=f"{_shown(settings.xds_host)}:{xds.ports[0]}",
            socket=str(settings.xds_socket) if settings.xds_socket else None,
            data="PostgreSQL" if settings.database_url else str(settings.directory()),
            account=settings.account_id,
        )
        await stopping.wait()
        log.info("stopping")
        process.is_ready = False
        # Writes first, so that what was accepted still reaches the proxies; then the streams.
        api.should_exit = True
        await answering
        await xds.stop(grace_s=GRACE_S)
        following.cancel()


def _xds_server(settings: Settings, hub: Hub) -> XdsServer:
    addresses = [f"{_shown(settings.xds_host)}:{settings.xds_port}"]
    if settings.xds_socket is not None:
        addresses.append(f"unix:{settings.xds_socket.absolute()}")
    try:
        return XdsServer(hub, SystemClock(), addresses)
    except RuntimeError as error:
        raise CannotStart(
            f"cannot listen on {' and '.join(addresses)}: is another control plane running? "
            "(--xds-port changes it)"
        ) from error


@contextlib.contextmanager
def _owned(settings: Settings) -> Iterator[None]:
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
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """The API's socket, bound before anything else starts."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        bound = socket.create_server((host.strip("[]"), port), family=family, backlog=2048)
    except OSError as error:
        raise CannotStart(
            f"cannot listen on {_shown(host)}:{port}: {error.strerror} (--api-port changes it)"
        ) from error
    with bound:
        yield bound


def _stop_signals() -> asyncio.Event:
    """Set when the process is told to stop."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    return stopping


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host
