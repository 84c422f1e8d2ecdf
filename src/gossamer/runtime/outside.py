"""Who is asked about what is outside of meshes, by the settings."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from random import Random

from gossamer.aws import Access, asking
from gossamer.certs.acm import Acm
from gossamer.certs.ledger import Seal
from gossamer.clock import SystemClock
from gossamer.discovery.cloud_map import CloudMap
from gossamer.refresh import Pace
from gossamer.runtime.local_certificates import LocalCertificates
from gossamer.runtime.lookout import Lookout, Sources
from gossamer.runtime.reconcile import Reconciler
from gossamer.runtime.settings import Settings
from gossamer.store.credentials import CredentialStore


@contextlib.asynccontextmanager
async def outside(settings: Settings, reconciler: Reconciler, seal: Seal) -> AsyncIterator["Outside"]:
    """The lookout over all that is configured, and the local authority, whose certificates are known at once.

    Raises: Unavailable if the database, or the AWS SDK where it is needed, cannot be used.
    """
    clock = SystemClock()
    store = await asyncio.to_thread(CredentialStore, settings.url())
    try:
        async with _sources(settings) as sources:
            lookout = Lookout(reconciler, sources, clock, Random())  # noqa: S311 - it spreads requests
            local = LocalCertificates(store, seal, clock, lookout.know)
            await local.look()
            yield Outside(lookout, local)
    finally:
        store.close()


@dataclass(frozen=True, slots=True)
class Outside:
    """What watches, once it runs."""

    lookout: Lookout
    local: LocalCertificates

    async def run(self) -> None:
        """Watch for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.lookout.run(), name="look-out")
            tasks.create_task(self.local.run(), name="local-certificates")


@contextlib.asynccontextmanager
async def _sources(settings: Settings) -> AsyncIterator[Sources]:
    async with contextlib.AsyncExitStack() as stack:
        cloud_map = acm = None
        if settings.cloud_map:
            access = _access(settings, settings.cloud_map_endpoint_url)
            cloud_map = CloudMap(await stack.enter_async_context(asking("servicediscovery", access)))
        if settings.acm:
            access = _access(settings, settings.acm_endpoint_url)
            authorities = _access(settings, settings.acm_pca_endpoint_url)
            acm = Acm(
                await stack.enter_async_context(asking("acm", access)),
                await stack.enter_async_context(asking("acm-pca", authorities)),
            )
        yield Sources(cloud_map, Pace(every_s=settings.cloud_map_interval), acm)


def _access(settings: Settings, endpoint_url: str) -> Access:
    return Access(settings.aws_region or settings.region, settings.aws_profile, endpoint_url)
