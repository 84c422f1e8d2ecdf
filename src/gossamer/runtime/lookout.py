"""What is outside of meshes, kept fresh for as long as a connected proxy needs it.

Certificates of the local authority come first; AWS is asked about what is not ours, where that is configured.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Final, TypeVar

import structlog

from gossamer.certs.local import LocalCredentials
from gossamer.certs.source import Source as CertificateSource
from gossamer.clock import Clock
from gossamer.discovery.source import Source as InstanceSource
from gossamer.errors import MeshError, Unavailable
from gossamer.mesh.surroundings import Certificate, CloudMapService, Instance, Needs, Surroundings
from gossamer.refresh import Pace, Refresher
from gossamer.runtime.reconcile import Reconciler
from gossamer.telemetry import metrics

V = TypeVar("V")

log = structlog.get_logger(__name__)

#: How soon what nobody needs any more is let go; what is newly needed is asked for at once.
TIDY_S: Final = 1.0

#: ACM allows few exports a second, and renews weeks before a certificate ends.
CERTIFICATE_PACE: Final = Pace(every_s=60, at_most_s=600)


@dataclass(frozen=True, slots=True)
class Sources:
    """Who is asked, where that is configured."""

    cloud_map: InstanceSource | None = None
    cloud_map_pace: Pace = field(default_factory=lambda: Pace(every_s=1))
    certificates: CertificateSource | None = None


class Lookout:
    """Finds what proxies need, and tells the reconciler."""

    def __init__(self, reconciler: Reconciler, sources: Sources, clock: Clock, random: Random) -> None:
        self._reconciler = reconciler
        self._sources = sources
        self._local = LocalCredentials()
        self._needs = Needs()
        self._needs_changed = asyncio.Event()
        self._doubts: Mapping[object, str] = {}
        pace = sources.cloud_map_pace
        self._instances = Refresher(self._listed, pace, clock, random, self._tell)
        self._certificates = Refresher(self._certificate, CERTIFICATE_PACE, clock, random, self._tell)
        self._trust = Refresher(self._trusted, CERTIFICATE_PACE, clock, random, self._tell)
        reconciler.on_needs = self._needs_changed.set

    def know(self, local: LocalCredentials) -> None:
        """Take in what the local authority has now."""
        self._local = local
        self._want()
        self._tell()

    async def run(self) -> None:
        """Watch for ever."""
        self._tell()
        async with asyncio.TaskGroup() as tasks:
            for name, one in (
                ("instances", self._instances),
                ("certificates", self._certificates),
                ("trust", self._trust),
            ):
                tasks.create_task(one.run(), name=f"ask-{name}")
            while True:
                self._needs_changed.clear()
                needs = self._reconciler.needs()
                if needs != self._needs:
                    self._needs = needs
                    self._want()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._needs_changed.wait(), TIDY_S)

    def _want(self) -> None:
        """Ask for what is needed and not ours."""
        if self._sources.cloud_map is not None:
            for gone in self._instances.found.keys() - self._needs.services:
                self._sources.cloud_map.forget(gone)
            self._instances.want(self._needs.services)
        if self._sources.certificates is not None:
            self._certificates.want(self._needs.certificates - self._local.certificates.keys())
            self._trust.want(self._needs.trust - self._local.roots.keys())

    def _tell(self) -> None:
        """Put together what everybody knows, and hand it over."""
        told: tuple[Mapping[str, str] | Mapping[CloudMapService, str], ...] = (
            self._instances.doubts,
            self._certificates.doubts,
            self._trust.doubts,
            self._local.doubts,
        )
        doubts: dict[object, str] = {about: why for one in told for about, why in one.items()}
        self._note(doubts)
        self._reconciler.surround(
            Surroundings(
                instances=dict(self._instances.found),
                certificates={**self._certificates.found, **self._local.certificates},
                trust={**self._trust.found, **self._local.roots},
                is_complete=self._sources.certificates is None,
                has_cloud_map=self._sources.cloud_map is not None,
                doubts=doubts,
            )
        )

    def _note(self, doubts: Mapping[object, str]) -> None:
        for about, why in doubts.items():
            if about not in self._doubts:
                log.warning("source_doubted", about=str(about), why=why)
        for about in self._doubts.keys() - doubts.keys():
            log.info("source_trusted_again", about=str(about))
        self._doubts = doubts

    async def _listed(self, service: CloudMapService) -> tuple[Instance, ...]:
        source = self._sources.cloud_map
        return await _guarded("cloud_map", source.instances(service)) if source is not None else ()

    async def _certificate(self, arn: str) -> Certificate | None:
        source = self._sources.certificates
        return await _guarded("certificates", source.certificate(arn)) if source is not None else None

    async def _trusted(self, arn: str) -> str | None:
        source = self._sources.certificates
        return await _guarded("trust", source.trust(arn)) if source is not None else None


async def _guarded(source: str, answer: Awaitable[V]) -> V:
    """An answer; a mistake of ours in getting it is no reason to end everything else.

    Raises: MeshError.
    """
    metrics.DISCOVERY_POLLS.labels(source).inc()
    try:
        return await answer
    except MeshError:
        metrics.DISCOVERY_FAILURES.labels(source).inc()
        raise
    except Exception as error:
        metrics.DISCOVERY_FAILURES.labels(source).inc()
        log.exception("source_failed", why=str(error))
        raise Unavailable(f"it could not be asked: {error!r}") from error
