"""Keeps what proxies tell of their traffic, for as long as it counts, and says how often they should tell.

Once a second while somebody looks at their mesh, seldom otherwise, and never so often that many proxies
together would take more of this process than it has.
"""

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Final

from gossamer.clock import Clock
from gossamer.compile.flow import Flow
from gossamer.insight.traffic import (
    WINDOW_S,
    Json,
    Proxy,
    Recent,
    failure_statistics,
    time_statistic,
    traffic,
)
from gossamer.model.kind import MeshKey
from gossamer.xds.node_id import NodeId
from gossamer.xds.reports import LoadReport, Measured, Reporter, TooManyReporters

#: Seconds between the reports of a proxy while somebody looks, and while nobody does.
FAST_S: Final = 1.0
SLOW_S: Final = 10.0

#: How many reports a second are taken of one mesh: with more proxies each reports more seldom.
MOST_A_SECOND: Final = 250

#: For how long a look at the traffic of a mesh keeps its proxies telling often.
LOOK_S: Final = 15.0

#: How often it is worked out anew for those who look.
FRESH_S: Final = 0.9

#: A proxy has two streams of reports.
STREAMS: Final = 2


@dataclass(slots=True)
class _Told:
    """One stream of reports and what came on it."""

    reporter: Reporter
    recent: Recent = field(default_factory=Recent)
    wanted: tuple[tuple[Flow, ...], frozenset[str]] = ((), frozenset())


class Ledger:
    """See `xds.reports.Reports`. `flows` knows the clusters of an endpoint's proxies.

    `account` owns the meshes of proxies that name none.
    """

    def __init__(
        self,
        flows: Callable[[NodeId], tuple[Flow, ...]],
        clock: Clock,
        *,
        account: str,
        proxies_per_endpoint: int,
    ) -> None:
        self._flows = flows
        self._account = account
        self._clock = clock
        self._most = proxies_per_endpoint * STREAMS
        self._counts: Counter[NodeId] = Counter()
        self._meshes: dict[MeshKey, dict[int, _Told]] = {}
        self._looked: dict[MeshKey, float] = {}
        self._fresh: dict[MeshKey, tuple[float, Json]] = {}

    def open(self, reporter: Reporter) -> None:
        """A stream has begun.

        Raises: TooManyReporters.
        """
        if self._counts[reporter.node] >= self._most:
            raise TooManyReporters(f"{reporter.node} has {self._most} streams of reports, as many as it may")
        self._counts[reporter.node] += 1
        self._meshes.setdefault(self._mesh(reporter), {})[reporter.number] = _Told(reporter)

    def close(self, reporter: Reporter) -> None:
        """It has ended, and what came on it counts no more."""
        self._counts[reporter.node] -= 1
        if not self._counts[reporter.node]:
            del self._counts[reporter.node]
        told = self._meshes[self._mesh(reporter)]
        del told[reporter.number]
        if not told:
            del self._meshes[self._mesh(reporter)]

    def pace_s(self, reporter: Reporter) -> float:
        """How many seconds there should be between its reports."""
        mesh = self._mesh(reporter)
        if not self.is_looked_at(mesh):
            return SLOW_S
        proxies = len(self._meshes.get(mesh, ())) / STREAMS
        return max(FAST_S, round(proxies / MOST_A_SECOND, 1))

    def wanted(self, reporter: Reporter) -> Collection[str]:
        """The statistics of the clusters that lead somewhere, while somebody looks."""
        if not self.is_looked_at(self._mesh(reporter)):
            return ()
        told = self._told(reporter)
        flows = self._flows(reporter.node)
        if told.wanted[0] is not flows:
            names = {name for flow in flows for name in (time_statistic(flow), *failure_statistics(flow))}
            told.wanted = flows, frozenset(names)
        return told.wanted[1]

    def take_load(self, reporter: Reporter, report: LoadReport) -> None:
        """Take a report in; clusters that are not of its endpoint are left out."""
        own = {flow.cluster for flow in self._flows(reporter.node)}
        loads = {name: load for name, load in report.loads.items() if name in own}
        self._told(reporter).recent.take_load(self._now(), LoadReport(report.seconds, loads))

    def take_measured(self, reporter: Reporter, measured: Measured) -> None:
        """Take measurements in."""
        self._told(reporter).recent.take_measured(self._now(), measured)

    def look(self, mesh: MeshKey) -> None:
        """Somebody looks at a mesh: its proxies are to tell often for a while."""
        is_new = not self.is_looked_at(mesh)
        self._looked[mesh] = self._now() + LOOK_S
        if is_new:
            self._hurry(mesh)

    def is_looked_at(self, mesh: MeshKey) -> bool:
        """Whether anybody has looked at a mesh of late."""
        return self._looked.get(mesh, 0.0) > self._now()

    def pass_time(self) -> None:
        """Let the proxies of meshes that nobody looks at any more tell seldom."""
        for mesh in [one for one in self._looked if not self.is_looked_at(one)]:
            del self._looked[mesh]
            self._fresh.pop(mesh, None)
            self._hurry(mesh)

    def traffic(self, mesh: MeshKey) -> Json:
        """What goes where in a mesh; whoever asks at about the same time gets the same."""
        now = self._now()
        at, told = self._fresh.get(mesh, (0.0, {}))
        if not 0 <= now - at < FRESH_S:
            told = self._worked_out(mesh, now)
            self._fresh[mesh] = now, told
        return told

    def _worked_out(self, mesh: MeshKey, now: float) -> Json:
        streams = [
            Proxy(
                f"{one.reporter.node.mesh}/{one.reporter.node.kind}/{one.reporter.node.name}",
                self._flows(one.reporter.node),
                one.recent,
            )
            for one in self._meshes.get(mesh, {}).values()
        ]
        reporting = sum(bool(one.recent.loads) for one in streams)
        return {
            "mesh": mesh.mesh,
            "windowSeconds": WINDOW_S,
            "proxies": {"reporting": reporting},
            **traffic(mesh.mesh, streams, now),
        }

    def _told(self, reporter: Reporter) -> _Told:
        return self._meshes[self._mesh(reporter)][reporter.number]

    def _hurry(self, mesh: MeshKey) -> None:
        for one in self._meshes.get(mesh, {}).values():
            one.reporter.hurry()

    def _now(self) -> float:
        return self._clock.now().timestamp()

    def _mesh(self, reporter: Reporter) -> MeshKey:
        return MeshKey(reporter.node.account or self._account, reporter.node.mesh)
