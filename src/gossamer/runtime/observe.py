"""What is looked up when somebody asks for metrics: queues, proxies, meshes, certificates, as they are."""

import asyncio
import datetime
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from typing import Final

from gossamer.clock import Clock
from gossamer.model.kind import Kind
from gossamer.runtime.follow import Follower
from gossamer.runtime.health import Health, Phase
from gossamer.runtime.local_certificates import LocalCertificates
from gossamer.runtime.process import Process
from gossamer.telemetry import metrics
from gossamer.xds.hub import Hub
from gossamer.xds.server import XdsServer
from gossamer.xds.status import ProxyStatus

STATES: Final = ("in_sync", "updating", "refused", "stale")


@dataclass(frozen=True, slots=True)
class Observer:
    """Sets every gauge. Each look costs what is there, so nothing is looked at in between."""

    process: Process
    health: Health
    follower: Follower
    hub: Hub
    xds: XdsServer
    local: LocalCertificates
    clock: Clock

    def look(self) -> None:
        """Set them as things are now."""
        metrics.BUILD.labels(version("gossamer")).set(1)
        metrics.READY.set(self.health.is_ready())
        metrics.DRAINING.set(self.health.phase is Phase.DRAINING)
        metrics.TASKS.set(len(asyncio.all_tasks()))
        self._store()
        self._meshes()
        self._streams()
        now = self.clock.now()
        for use, ends in self._ends():
            metrics.CERTIFICATE_EXPIRY.labels(use).set((ends - now).total_seconds())

    def _store(self) -> None:
        vitals, followed = self.process.store.vitals, self.follower.sequence
        metrics.STORE_QUEUE.set(vitals.writes_waiting)
        metrics.LOG_COMMITTED.set(vitals.sequence)
        metrics.LOG_FOLLOWED.set(followed)
        metrics.FOLLOW_LAG.set(max(0, vitals.sequence - followed))
        metrics.AUDIT_QUEUE.set(self.process.store.audit.waiting)

    def _meshes(self) -> None:
        counts = self.process.reconciler.counts()
        metrics.MESHES.set(counts[Kind.MESH])
        metrics.PUBLISH_DUE.set(len(self.process.reconciler.due))
        for kind in Kind:
            metrics.MESH_RESOURCES.labels(kind.value).set(counts[kind])

    def _streams(self) -> None:
        now = self.clock.now()
        statuses = list(self.hub.statuses())
        states = Counter(state_of(status, now) for status in statuses)
        for state in STATES:
            metrics.PROXIES.labels(state).set(states[state])
        metrics.PROXY_ENDPOINTS.set(len({(one.account, one.endpoint) for one in statuses}))
        queues = self.xds.queues()
        metrics.SEND_QUEUE.set(sum(len(one.waiting) for one in queues))
        metrics.SEND_QUEUE_BYTES.set(sum(len(answer) for one in queues for answer in one.waiting))
        metrics.SEND_QUEUE_LONGEST.set(max((len(one.waiting) for one in queues), default=0))

    def _ends(self) -> Iterator[tuple[str, datetime.datetime]]:
        for use, watch in (("api", self.process.api_tls), ("xds", self.process.xds_tls)):
            if watch is not None:
                yield use, watch.ends_at()
        yield from self.local.ends.items()


def state_of(status: ProxyStatus, now: datetime.datetime) -> str:
    """Which of the states a proxy is in; the worst that is true."""
    if status.is_refusing:
        return "refused"
    if status.in_sync:
        return "in_sync"
    return "stale" if status.is_stale(now) else "updating"
