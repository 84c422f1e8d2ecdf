"""Who is asked about what is outside of meshes, by the settings."""

import contextlib
from collections.abc import AsyncIterator
from random import Random

from gossamer.aws import Access, asking
from gossamer.certs.acm import Acm
from gossamer.clock import SystemClock
from gossamer.discovery.cloud_map import CloudMap
from gossamer.refresh import Pace
from gossamer.runtime.lookout import Lookout, Sources
from gossamer.runtime.reconcile import Reconciler
from gossamer.runtime.settings import Settings


@contextlib.asynccontextmanager
async def outside(settings: Settings, reconciler: Reconciler) -> AsyncIterator[Lookout]:
    """The lookout over all that is configured.

    Raises: Unavailable if the AWS SDK is needed and cannot be used.
    """
    async with _sources(settings) as sources:
        yield Lookout(reconciler, sources, SystemClock(), Random())  # noqa: S311 - it spreads requests


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
