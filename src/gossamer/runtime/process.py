"""What a running control plane is made of, and what it does besides answering."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Final

import structlog

from gossamer.api.gate import Watch
from gossamer.clock import SystemClock
from gossamer.runtime import allocator
from gossamer.runtime.access import Access
from gossamer.runtime.listen import CannotStart
from gossamer.runtime.reconcile import Reconciler
from gossamer.runtime.settings import Settings, TlsFiles, is_loopback
from gossamer.runtime.tls_files import TlsWatch
from gossamer.store.sql import SqlStore
from gossamer.store.vault import Vault

log = structlog.get_logger(__name__)

#: Addresses that stand for all of a machine's.
EVERYWHERE: Final = ("0.0.0.0", "::")  # noqa: S104 - only compared


#: How often what leaves is looked at: it goes at the second look.
SWEEP_S: Final = 5.0


@dataclass(slots=True)
class Process:
    """What runs, once it does."""

    settings: Settings
    store: SqlStore
    reconciler: Reconciler
    access: Access
    vault: Vault
    api_tls: TlsWatch | None = None
    xds_tls: TlsWatch | None = None

    def use_certificates(self) -> None:
        """Read the certificates of both ports.

        Raises: CannotStart.
        """
        self.api_tls = _watched(self.settings.api_tls())
        self.xds_tls = _watched(self.settings.xds_tls())

    def watch(self) -> Watch:
        """What gates look at."""
        return Watch(self.access.directory, self.access.is_open, self.settings.region, SystemClock())

    def keep(
        self, tasks: asyncio.TaskGroup, review: Callable[[], Awaitable[None]]
    ) -> list[asyncio.Task[None]]:
        """Start what goes on beside the answers; `review` is called when who may come in has changed."""
        kept = [
            tasks.create_task(self._sweep(), name="sweep-gateways"),
            tasks.create_task(allocator.give_back(), name="give-memory-back"),
            tasks.create_task(self.store.audit.run(), name="write-audit"),
            tasks.create_task(self.access.follow(review), name="follow-access"),
        ]
        if self.settings.audit_days:
            sweeping = self.store.audit.sweep(self.settings.audit_days)
            kept.append(tasks.create_task(sweeping, name="sweep-audit"))
        watches = [watch for watch in (self.api_tls, self.xds_tls) if watch is not None]
        following = [tasks.create_task(watch.follow(), name="follow-certificates") for watch in watches]
        return [*kept, *following]

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            self.reconciler.sweep()

    def tell(self, **addresses: str | None) -> None:
        """Say where the process serves, and what an operator should know who lets other machines in."""
        log.info("serving", **addresses, account=self.settings.account_id, open=self.access.is_open())
        for why in self._warnings():
            log.warning("exposed", why=why)

    def _warnings(self) -> Iterator[str]:
        settings = self.settings
        if not is_loopback(settings.api_host) and self.api_tls is None:
            yield "the API speaks no TLS to other machines: nobody can forge calls, but all can read them"
        if not is_loopback(settings.xds_host) and self.xds_tls is None:
            yield "the xDS port speaks no TLS to other machines: tokens can be read on the way, and used"
        if settings.xds_host in EVERYWHERE and not settings.xds_names and self.xds_tls is None:
            yield "--xds-names is not set: signed streams are taken for this machine's own names only"


def _watched(files: TlsFiles | None) -> TlsWatch | None:
    if files is None:
        return None
    try:
        return TlsWatch(files)
    except (OSError, ValueError) as error:
        raise CannotStart(f"cannot use the certificate {files.certificate}: {error}") from error
