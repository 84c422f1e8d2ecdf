"""What goes where, from what proxies told: rates of a window that slides, percentiles of many proxies as one.

Pure: the time is a parameter. A request counts where it arrives, and each try of it counts.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from gossamer.compile.flow import Flow
from gossamer.xds.reports import Load, LoadReport, Measured, Summary

#: How much of the past counts.
WINDOW_S: Final = 5.0

#: How long measured times count; they come every five seconds, unless a proxy is told otherwise.
MEASURED_S: Final = 6.0
#: The last ones count for longer, where they come more seldom.
LAST_MEASURED_S: Final = 75.0

#: A report that covers a long time counts for somewhat longer than that, until the next one is there.
_SLACK: Final = 1.5

PERCENTILES: Final = {"p50": 0.5, "p90": 0.9, "p99": 0.99}

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Rate:
    """What goes somewhere, each second; `active` is what is under way."""

    issued: float = 0.0
    succeeded: float = 0.0
    failed: float = 0.0
    active: int = 0

    def __add__(self, other: "Rate") -> "Rate":
        return Rate(
            self.issued + other.issued,
            self.succeeded + other.succeeded,
            self.failed + other.failed,
            self.active + other.active,
        )

    def __bool__(self) -> bool:
        return bool(self.issued or self.failed or self.active)

    @property
    def success(self) -> float | None:
        """The share of what was answered that succeeded; None if nothing was."""
        answered = self.succeeded + self.failed
        return self.succeeded / answered if answered else None


@dataclass(slots=True)
class Recent:
    """What one proxy told of late."""

    loads: deque[tuple[float, LoadReport]] = field(default_factory=deque)
    measured: deque[tuple[float, Measured]] = field(default_factory=deque)

    def take_load(self, at: float, report: LoadReport) -> None:
        """Take a report in, and forget what is too old to count."""
        self.loads.append((at, report))
        while self.loads and not _counts(*self.loads[0], now=at):
            self.loads.popleft()

    def take_measured(self, at: float, measured: Measured) -> None:
        """Take measurements in, and forget what is too old to count."""
        self.measured.append((at, measured))
        while self.measured[0][0] <= at - MEASURED_S:
            self.measured.popleft()

    def rates(self, now: float) -> Mapping[str, Rate]:
        """How much goes to each cluster."""
        reports = [report for at, report in self.loads if _counts(at, report, now=now)]
        seconds = sum(report.seconds for report in reports)
        if not seconds:
            return {}
        sums: dict[str, Load] = {}
        for report in reports:
            for cluster, load in report.loads.items():
                before = sums.get(cluster, Load())
                sums[cluster] = Load(
                    before.issued + load.issued,
                    before.succeeded + load.succeeded,
                    before.failed + load.failed,
                )
        latest = reports[-1].loads
        return {
            cluster: Rate(
                load.issued / seconds,
                load.succeeded / seconds,
                load.failed / seconds,
                latest[cluster].active if cluster in latest else 0,
            )
            for cluster, load in sums.items()
        }

    def times(self, now: float) -> Iterator[Measured]:
        """What was measured of late; the last time of all, if they come seldom."""
        fresh = [one for at, one in self.measured if at > now - MEASURED_S]
        if fresh:
            yield from fresh
        elif self.measured and self.measured[-1][0] > now - LAST_MEASURED_S:
            yield self.measured[-1][1]


@dataclass(frozen=True, slots=True)
class Proxy:
    """One stream of reports: whose it is, what its clusters are, and what it told."""

    resource: str
    flows: tuple[Flow, ...]
    recent: Recent


@dataclass(slots=True)
class _Sum:
    """What several proxies told about one thing."""

    rate: Rate = field(default_factory=Rate)
    summaries: list[Summary] = field(default_factory=list)

    def add(self, rate: Rate, summaries: Iterable[Summary]) -> None:
        self.rate = self.rate + rate
        self.summaries.extend(summaries)

    def told(self) -> Json:
        success = self.rate.success
        return {
            "requestsPerSecond": round(self.rate.issued, 3),
            "errorsPerSecond": round(self.rate.failed, 3),
            "successRate": None if success is None else round(success, 5),
            "latencyMs": latency(self.summaries),
            "activeRequests": self.rate.active,
        }


def time_statistic(flow: Flow) -> str:
    """What Envoy calls the times of a cluster's requests."""
    return f"cluster.{flow.statistic}.upstream_rq_time"


def failure_statistics(flow: Flow) -> tuple[str, str]:
    """What Envoy calls the requests of a cluster that reached no host, which load reports do not know."""
    begin = f"cluster.{flow.statistic}"
    return f"{begin}.upstream_cx_none_healthy", f"{begin}.upstream_rq_pending_overflow"


def traffic(mesh: str, proxies: Sequence[Proxy], now: float) -> Json:
    """The edges between resources of a mesh, and what arrives at each node or leaves each gateway."""
    edges: dict[tuple[str, str, str], _Sum] = {}
    own: dict[str, _Sum] = {}
    for proxy in proxies:
        rates = proxy.recent.rates(now)
        times = list(proxy.recent.times(now))
        for flow in proxy.flows:
            rate = rates.get(flow.cluster, Rate()) + _unreached(flow, times)
            summaries = _summaries(flow, times)
            if not (rate or summaries):
                continue
            to = f"{mesh}/virtualNode/{flow.node}"
            if flow.is_own:
                own.setdefault(to, _Sum()).add(rate, summaries)
            else:
                edges.setdefault((proxy.resource, to, flow.service), _Sum()).add(rate, summaries)
    return {
        # What is measured comes later than what is counted: times alone are those of what was.
        "edges": [_edge(*key, edges[key]) for key in sorted(edges) if edges[key].rate],
        "nodes": [
            {"id": name, **found.told()} for name, found in sorted(_nodes(edges, own).items()) if found.rate
        ],
    }


def latency(summaries: Sequence[Summary]) -> Json | None:
    """Percentiles of all of them together, in milliseconds; None if nothing was measured."""
    if not summaries:
        return None
    curve = list(_distribution(summaries))
    return {name: round(_value_at(curve, part), 2) for name, part in PERCENTILES.items()}


def _counts(at: float, report: LoadReport, *, now: float) -> bool:
    return at > now - max(WINDOW_S, report.seconds * _SLACK)


def _unreached(flow: Flow, times: Sequence[Measured]) -> Rate:
    """What reached nobody: it was asked for, and it failed."""
    seconds = sum(one.seconds for one in times)
    if not seconds:
        return Rate()
    names = failure_statistics(flow)
    each = sum(one.counts.get(name, 0) for one in times for name in names) / seconds
    return Rate(issued=each, failed=each)


def _summaries(flow: Flow, times: Sequence[Measured]) -> list[Summary]:
    name = time_statistic(flow)
    return [one.summaries[name] for one in times if name in one.summaries]


def _edge(start: str, end: str, service: str, found: _Sum) -> Json:
    return {"from": start, "to": end, **({"service": service} if service else {}), **found.told()}


def _nodes(edges: Mapping[tuple[str, str, str], _Sum], own: Mapping[str, _Sum]) -> dict[str, _Sum]:
    """What arrives at each node, by its own proxies if they tell; what leaves each gateway."""
    found: dict[str, _Sum] = {}
    for (start, end, _), one in edges.items():
        if end not in own:
            found.setdefault(end, _Sum()).add(one.rate, one.summaries)
        if "/virtualGateway/" in start:
            found.setdefault(start, _Sum()).add(one.rate, one.summaries)
    return {**found, **own}


def _distribution(summaries: Iterable[Summary]) -> Iterator[tuple[float, float]]:
    """How many took at most how long, as points of a curve of straight lines.

    Each summary says so for a few quantiles, and is taken to be even between them.
    """
    slopes: dict[float, float] = {}
    jumps: dict[float, float] = {}
    for one in summaries:
        for (low, start), (high, end) in pairwise(one.quantiles):
            many = (high - low) * one.count
            if end > start:
                slopes[start] = slopes.get(start, 0.0) + many / (end - start)
                slopes[end] = slopes.get(end, 0.0) - many / (end - start)
            else:
                jumps[start] = jumps.get(start, 0.0) + many
    total, slope, before = 0.0, 0.0, 0.0
    for value in sorted({*slopes, *jumps}):
        total += slope * (value - before)
        yield value, total
        if value in jumps:
            total += jumps[value]
            yield value, total
        slope, before = slope + slopes.get(value, 0.0), value


def _value_at(curve: Sequence[tuple[float, float]], part: float) -> float:
    """The value that a part of all stays below."""
    wanted = curve[-1][1] * part
    for (start, low), (end, high) in pairwise(curve):
        if high >= wanted:
            return end if high == low else start + (end - start) * (wanted - low) / (high - low)
    return curve[-1][0]
