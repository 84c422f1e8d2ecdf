"""Counters and histograms of what happens once a stream and push: plain numbers, told when somebody asks.

The client library's own take a lock for each number, and walk their buckets. These belong to the thread of
one event loop, and are the same series to whoever reads them.
Source: Prometheus' Python client, custom collectors; text exposition format, histograms are cumulative.
"""

from abc import ABC, abstractmethod
from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate
from typing import Final, Generic, TypeVar

from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import INF, floatToGoString


class Tally:
    """One series of a counter."""

    __slots__ = ("count",)

    def __init__(self) -> None:
        self.count = 0

    def add(self, more: int = 1) -> None:
        """So many more."""
        self.count += more


class Spread:
    """One series of a histogram: how many lie within each bound, and beyond the bound before it."""

    __slots__ = ("_bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = bounds
        self.counts = [0] * len(bounds)
        self.total = 0.0

    def observe(self, amount: float) -> None:
        """One more."""
        self.counts[bisect_left(self._bounds, amount)] += 1
        self.total += amount


Kept = TypeVar("Kept", Tally, Spread)


class Tallied(Collector, ABC, Generic[Kept]):
    """A metric with one label, as the registry sees it."""

    def __init__(self, name: str, documentation: str, label: str, registry: CollectorRegistry) -> None:
        self.name: Final = name
        self.documentation: Final = documentation
        self.label: Final = label
        self._series: dict[str, Kept] = {}
        registry.register(self)

    def labels(self, value: str) -> Kept:
        """The series with this value of the label; told as zero from now on."""
        if value not in self._series:
            self._series[value] = self._begun()
        return self._series[value]

    @abstractmethod
    def describe(self) -> list[Metric]:
        """What it is."""

    @abstractmethod
    def collect(self) -> list[Metric]:
        """What was counted so far."""

    @abstractmethod
    def _begun(self) -> Kept:
        """A new series."""


class LoopCounter(Tallied[Tally]):
    """A counter of one event loop; its name ends as Prometheus wants it, in `_total`."""

    def __init__(
        self, name: str, documentation: str, label: str, registry: CollectorRegistry = REGISTRY
    ) -> None:
        super().__init__(name, documentation, label, registry)

    def describe(self) -> list[Metric]:
        """What it is."""
        return [self._family()]

    def collect(self) -> list[Metric]:
        """What was counted so far."""
        family = self._family()
        for value, tally in self._series.items():
            family.add_metric([value], tally.count)
        return [family]

    def _family(self) -> CounterMetricFamily:
        return CounterMetricFamily(self.name, self.documentation, labels=[self.label])

    def _begun(self) -> Tally:
        return Tally()


class LoopHistogram(Tallied[Spread]):
    """A histogram of one event loop."""

    def __init__(
        self,
        name: str,
        documentation: str,
        label: str,
        buckets: Sequence[float],
        registry: CollectorRegistry = REGISTRY,
    ) -> None:
        self._bounds = (*buckets, INF)
        super().__init__(name, documentation, label, registry)

    def describe(self) -> list[Metric]:
        """What it is."""
        return [self._family()]

    def collect(self) -> list[Metric]:
        """What was observed so far."""
        family = self._family()
        bounds = [floatToGoString(one) for one in self._bounds]  # type: ignore[no-untyped-call]  # theirs to type
        for value, spread in self._series.items():
            within = zip(bounds, accumulate(spread.counts), strict=True)
            family.add_metric([value], list(within), spread.total)
        return [family]

    def _family(self) -> HistogramMetricFamily:
        return HistogramMetricFamily(self.name, self.documentation, labels=[self.label])

    def _begun(self) -> Spread:
        return Spread(self._bounds)
