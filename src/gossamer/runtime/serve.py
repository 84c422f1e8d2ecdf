"""The control plane, one process: starts it all, follows the store, and ends in order."""

import asyncio
import contextlib
import importlib
import os
import socket
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import structlog

from gossamer.clock import SystemClock
from gossamer.errors import Unavailable
from gossamer.insight.feed import Feed
from gossamer.insight.ledger import Ledger
from gossamer.runtime.access import Access
from gossamer.runtime.flows import Flows
from gossamer.runtime.follow import Follower
from gossamer.runtime.health import Health, Phase
from gossamer.runtime.listen import CannotStart, listening, owned, shown
from gossamer.runtime.observe import Observer
from gossamer.runtime.outside import Outside, outside
from gossamer.runtime.process import Process
from gossamer.runtime.reconcile import Reconciler
from gossamer.runtime.settings import Settings, vault
from gossamer.runtime.stop_signals import StopSignals
from gossamer.runtime.tuning import settle
from gossamer.runtime.xds_port import xds_server
from gossamer.store.sql import SqlStore
from gossamer.store.vault import Vault
from gossamer.telemetry import trace, tracing
from gossamer.xds.hub import Hub
from gossamer.xds.server import XdsServer

log = structlog.get_logger(__name__)

#: What the API takes, in pieces of some 25 ms, loaded once streams are served: proxies wait for those.
_OF_THE_API: Final = (
    "starlette.applications",
    "uvicorn",
    "gossamer.api.app",
    "gossamer.insight.routes",
    "gossamer.runtime.api_port",
)

#: How long the loop is left to the streams before each piece.
_BREATH_S: Final = 0.01


async def serve(settings: Settings) -> None:
    """Run the control plane until it is told to stop.

    Raises: CannotStart, Unsafe, ValueError, MeshError.
    """
    settings.check()
    with owned(settings), _tracing(settings):
        sealed = _vault(settings)
        store = await _opened(settings)
        try:
            access = Access(store.access, sealed, is_exposed=settings.is_exposed())
            await access.load()
            settings.check_exposure(has_keys=access.directory().has_keys)
            if access.directory().unusable:
                raise CannotStart(next(iter(access.directory().unusable.values())))
            with listening(settings.api_host, settings.api_port) as api_socket:
                process = Process(
                    settings, store, Reconciler(settings.account_id, settings.data_plane()), access, sealed
                )
                await _run(process, api_socket)
        finally:
            await store.close()


@contextlib.contextmanager
def _tracing(settings: Settings) -> Iterator[None]:
    """Send traces meanwhile, if somebody collects them."""
    try:
        is_traced = tracing.set_up(os.environ, settings.otlp_endpoint)
    except tracing.CannotTrace as error:
        raise CannotStart(str(error)) from error
    if is_traced:
        log.info("traced", endpoint=settings.otlp_endpoint or "by the environment")
    try:
        yield
    finally:
        trace.shut_down()


async def _opened(settings: Settings) -> SqlStore:
    try:
        return await SqlStore.open(
            settings.url(), rules=settings.rules(), clock=SystemClock(), migrating=settings.migrating()
        )
    except Unavailable as error:
        raise CannotStart(str(error)) from error


@dataclass(frozen=True, slots=True)
class _Parts:
    """What serves, put together once the process is there."""

    process: Process
    follower: Follower
    hub: Hub
    feed: Feed
    health: Health
    xds: XdsServer

    @classmethod
    def of(cls, process: Process) -> "_Parts":
        """All of them; nothing runs yet.

        Raises: CannotStart.
        """
        settings, store = process.settings, process.store
        follower = Follower(store, process.reconciler.apply, is_shared=bool(settings.database_url))
        most = settings.proxies_per_endpoint
        account = settings.account_id
        flows = Flows(process.reconciler.views, account)
        ledger = Ledger(flows, SystemClock(), account=account, proxies_per_endpoint=most)
        hub = Hub(
            process.reconciler,
            proxies_per_endpoint=most,
            catch_up=follower.catch_up,
            roll=process.reconciler,
            reports=ledger,
        )
        feed = Feed(store, hub, process.reconciler, ledger, SystemClock())
        follower.on_changes = feed.take
        health = Health(store.vitals, follower, patience_s=settings.unready_after)
        process.use_certificates()
        return cls(process, follower, hub, feed, health, xds_server(process, hub))

    def keep(self, tasks: asyncio.TaskGroup, found: Outside) -> list[asyncio.Task[None]]:
        """Start what goes on beside the answers."""
        return [
            tasks.create_task(found.run(), name="outside"),
            tasks.create_task(self.follower.follow(), name="follow-store"),
            *self.process.keep(tasks, self.xds.review),
            tasks.create_task(self.feed.run(), name="feed"),
            tasks.create_task(self.health.run(), name="check-health"),
            tasks.create_task(self.xds.tend(), name="tend-streams"),
        ]

    async def hand_over(self) -> None:
        """Give the streams to other replicas; calls are answered until that is done.

        Where there are others, load balancers get the time to notice that this one is not ready any more.
        """
        settings = self.process.settings
        begun = time.monotonic()
        await self.xds.hand_over(settings.drain_seconds)
        if settings.database_url:
            await asyncio.sleep(settings.drain_seconds - (time.monotonic() - begun))

    def observer(self, found: Outside) -> Observer:
        """What shows all of them in metrics."""
        clock = SystemClock()
        return Observer(self.process, self.health, self.follower, self.hub, self.xds, found.local, clock)


async def _run(process: Process, api_socket: socket.socket) -> None:
    settings, parts = process.settings, _Parts.of(process)
    process.reconciler.due.later = asyncio.get_running_loop().call_soon
    signals = StopSignals.heard()
    await parts.follower.load()
    parts.feed.begin(parts.follower.sequence)
    async with outside(settings, process.reconciler, process.vault) as found, asyncio.TaskGroup() as tasks:
        keeping = parts.keep(tasks, found)
        await parts.xds.start()
        await _load(_OF_THE_API)
        from gossamer.runtime.api_port import api_server  # noqa: PLC0415 - it has just been loaded

        api = api_server(process, parts.hub, parts.feed, parts.health, parts.observer(found).look)
        answering = tasks.create_task(api.serve(sockets=[api_socket]), name="api")
        settle()
        parts.health.phase = Phase.SERVING
        host, port = api_socket.getsockname()[:2]
        process.tell(
            api=f"{'https' if process.api_tls else 'http'}://{shown(host)}:{port}",
            xds=f"{shown(settings.xds_host)}:{parts.xds.ports[0]}",
            socket=str(settings.xds_socket) if settings.xds_socket else None,
            data="PostgreSQL" if settings.database_url else str(settings.directory()),
        )
        await signals.first.wait()
        log.info("stopping")
        parts.health.phase = Phase.DRAINING
        await signals.unless_again(parts.hand_over())
        parts.feed.close()
        api.should_exit = True
        api.force_exit = signals.second.is_set()
        await answering
        await parts.xds.stop(grace_s=0)
        for task in keeping:
            task.cancel()
    await process.store.audit.flush()


async def _load(modules: Iterable[str]) -> None:
    """Load modules one after another, and let others go first."""
    for module in modules:
        await asyncio.sleep(_BREATH_S)
        importlib.import_module(module)


def _vault(settings: Settings) -> Vault:
    try:
        return vault(settings, os.environ)
    except (OSError, ValueError) as error:
        raise CannotStart(
            f"cannot use the key of secrets: {error} (--secrets-key-file changes it)"
        ) from error
