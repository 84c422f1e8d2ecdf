"""What proxies tell of their traffic, in plain values, and who takes it.

Names are those of Envoy's clusters and statistics; whose they are, the taker knows.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from gossamer.xds.node_id import NodeId


@dataclass(frozen=True, slots=True)
class Load:
    """What went to one cluster since the report before; `active` is how much is under way now."""

    issued: int = 0
    succeeded: int = 0
    failed: int = 0
    active: int = 0


@dataclass(frozen=True, slots=True)
class LoadReport:
    """One report of a proxy: over how many seconds, and by cluster; one that is not there had no traffic."""

    seconds: float
    loads: Mapping[str, Load]


@dataclass(frozen=True, slots=True)
class Summary:
    """How long things took: how many there were, and quantiles, each with its value in milliseconds."""

    count: int
    quantiles: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """What one proxy measured since it last told: times, and counts of what happened, by statistic."""

    seconds: float
    summaries: Mapping[str, Summary] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)


class TooManyReporters(Exception):
    """The endpoint has as many streams of reports as it may; the text says how many."""


@dataclass(eq=False, slots=True)
class Reporter:
    """One stream of reports. `hurry` is called, in the loop, when the pace changes."""

    node: NodeId
    number: int
    hurry: Callable[[], None]


class Reports(Protocol):
    """Who takes what proxies tell."""

    def open(self, reporter: Reporter) -> None:
        """A stream has begun.

        Raises: TooManyReporters.
        """
        ...

    def close(self, reporter: Reporter) -> None:
        """It has ended."""
        ...

    def pace_s(self, reporter: Reporter) -> float:
        """How many seconds there should be between its reports."""
        ...

    def wanted(self, reporter: Reporter) -> Collection[str]:
        """The statistics that are worth reading now; none if nobody looks."""
        ...

    def take_load(self, reporter: Reporter, report: LoadReport) -> None:
        """Take a report in."""
        ...

    def take_measured(self, reporter: Reporter, measured: Measured) -> None:
        """Take measurements in."""
        ...


class Nobody:
    """Takes nothing: for a server that only configures."""

    def open(self, reporter: Reporter) -> None:
        """Every stream may begin."""

    def close(self, reporter: Reporter) -> None:
        """And end."""

    def pace_s(self, _: Reporter) -> float:
        """Seldom."""
        return 60.0

    def wanted(self, _: Reporter) -> Collection[str]:
        """Nothing."""
        return ()

    def take_load(self, reporter: Reporter, report: LoadReport) -> None:
        """Forget it."""

    def take_measured(self, reporter: Reporter, measured: Measured) -> None:
        """Forget it."""
