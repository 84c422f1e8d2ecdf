"""The control plane, one process: starts it all, follows the store, and ends in order."""

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import structlog
import uvicorn

from gossamer.api.app import ApiSettings, create_app
from gossamer.api.audit import Auditor
from gossamer.api.audit_routes import audit_routes
from gossamer.api.gate import KeyGate, Watch
from gossamer.clock import SystemClock
from gossamer.errors import Unavailable
from gossamer.runtime import health
from gossamer.runtime.access import Access
from gossamer.runtime.follow import Follower
from gossamer.runtime.http_protocol import HttpProtocol
from gossamer.runtime.listen import CannotStart, listening, owned, shown
from gossamer.runtime.outside import outside
from gossamer.runtime.reconcile import Reconciler
from gossamer.runtime.settings import Settings, vault
from gossamer.store.sql import SqlStore
from gossamer.store.vault import Vault
from gossamer.xds.hub import Hub
from gossamer.xds.server import XdsServer

log = structlog.get_logger(__name__)

#: How long streams and requests have to end by themselves.
GRACE_S: Final = 2.0


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
    store: SqlStore
    reconciler: Reconciler
    access: Access
    is_ready: bool = False

    def keep_audit(self, tasks: asyncio.TaskGroup) -> list[asyncio.Task[None]]:
        """Start what writes the audit log, and what takes old entries away."""
        kept = [tasks.create_task(self.store.audit.run(), name="write-audit")]
        if self.settings.audit_days:
            sweeping = self.store.audit.sweep(self.settings.audit_days)
            kept.append(tasks.create_task(sweeping, name="sweep-audit"))
        return kept


async def serve(settings: Settings) -> None:
    """Run the control plane until it is told to stop.

    Raises: CannotStart, Unsafe, ValueError, MeshError.
    """
    settings.check()
    with owned(settings):
        sealed = _vault(settings)
        store = await _opened(settings)
        try:
            access = Access(store.access, sealed, is_exposed=settings.is_exposed())
            await access.load()
            settings.check_exposure(has_keys=access.directory().has_keys)
            if access.directory().unusable:
                raise CannotStart(next(iter(access.directory().unusable.values())))
            with listening(settings.api_host, settings.api_port) as api_socket:
                process = _Process(settings, store, Reconciler(settings.account_id), access)
                await _run(process, api_socket)
        finally:
            await store.close()


async def _opened(settings: Settings) -> SqlStore:
    try:
        return await SqlStore.open(settings.url(), rules=settings.rules(), clock=SystemClock())
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
    api = _api_server(process, hub)
    stopping = _stop_signals()
    await follower.load()
    async with outside(settings, process.reconciler) as lookout, asyncio.TaskGroup() as tasks:
        looking_out = tasks.create_task(lookout.run(), name="look-out")
        following = tasks.create_task(follower.follow(), name="follow-store")
        keeping = process.keep_audit(tasks)
        watching = tasks.create_task(process.access.follow(lambda: None), name="follow-access")
        answering = tasks.create_task(api.serve(sockets=[api_socket]), name="api")
        await xds.start()
        process.is_ready = True
        host, port = api_socket.getsockname()[:2]
        log.info(
            "serving",
            api=f"http://{shown(host)}:{port}",
            xds=f"{shown(settings.xds_host)}:{xds.ports[0]}",
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
        for task in (following, watching, looking_out, *keeping):
            task.cancel()
    await process.store.audit.flush()


def _vault(settings: Settings) -> Vault:
    try:
        return vault(settings, os.environ)
    except (OSError, ValueError) as error:
        raise CannotStart(
            f"cannot use the key of secrets: {error} (--secrets-key-file changes it)"
        ) from error


def _api_server(process: _Process, hub: Hub) -> _ApiServer:
    settings, store, clock = process.settings, process.store, SystemClock()
    watch = Watch(process.access.directory, process.access.is_open, settings.region, clock)
    app = create_app(
        store,
        settings=ApiSettings(account=settings.account_id, region=settings.region),
        gate=KeyGate(watch, store, settings.account_id),
        auditor=Auditor(store.audit.note, settings.region, clock),
        extra_routes=(
            *health.routes(hub, process.reconciler, lambda: process.is_ready),
            *audit_routes(store.audit),
        ),
    )
    # Who is connected is who calls: nobody may claim to speak for another address, or to have come over TLS.
    config = uvicorn.Config(
        app,
        http=HttpProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
    )
    return _ApiServer(config)


def _xds_server(settings: Settings, hub: Hub) -> XdsServer:
    addresses = [f"{shown(settings.xds_host)}:{settings.xds_port}"]
    if settings.xds_socket is not None:
        addresses.append(f"unix:{settings.xds_socket.absolute()}")
    try:
        return XdsServer(hub, SystemClock(), addresses)
    except RuntimeError as error:
        raise CannotStart(
            f"cannot listen on {' and '.join(addresses)}: is another control plane running? "
            "(--xds-port changes it)"
        ) from error


def _stop_signals() -> asyncio.Event:
    """Set when the process is told to stop."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    return stopping
