"""What a scenario found, as data: numbers and their spread, baselines, and goals."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self


@dataclass(frozen=True, slots=True)
class Spread:
    """Many measurements of one thing: the middle, and how far they spread."""

    median: float
    p10: float
    p90: float
    p99: float
    count: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Self:
        """The spread of some values.

        Raises: ValueError for none.
        """
        if not values:
            raise ValueError("nothing was measured")
        ordered = sorted(values)

        def at(percent: int) -> float:
            """The nearest rank: a value that was measured."""
            return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]

        return cls(statistics.median(ordered), at(10), at(90), at(99), len(ordered))


@dataclass(frozen=True, slots=True)
class Baseline:
    """Something else that did the same in the same run."""

    name: str
    spread: Spread


class Statistic(StrEnum):
    """What of a result a goal is about; `ratio` is that of the medians, to the first baseline."""

    MEDIAN = "median"
    P99 = "p99"
    RATIO = "ratio"


class Relation(StrEnum):
    """On which side of the bound the good is."""

    AT_MOST = "≤"
    AT_LEAST = "≥"


@dataclass(frozen=True, slots=True)
class Goal:
    """What must be reached: `p99 ≤ 50`, in the result's unit."""

    statistic: Statistic
    relation: Relation
    bound: float

    def is_met(self, value: float) -> bool:
        """Whether a value is good enough."""
        return value <= self.bound if self.relation is Relation.AT_MOST else value >= self.bound

    def __str__(self) -> str:
        return f"{self.statistic} {self.relation} {self.bound:g}"


def at_most(bound: float, statistic: Statistic = Statistic.MEDIAN) -> Goal:
    """A goal for what should be small."""
    return Goal(statistic, Relation.AT_MOST, bound)


def at_least(bound: float, statistic: Statistic = Statistic.MEDIAN) -> Goal:
    """A goal for what should be large."""
    return Goal(statistic, Relation.AT_LEAST, bound)


@dataclass(frozen=True, slots=True)
class Growth:
    """A result's place on a curve: which chart, which line of it, and the `size` in units `of` something."""

    chart: str
    line: str
    of: str
    size: float


@dataclass(frozen=True, slots=True)
class Result:
    """One measured thing.

    `what` says it in words that stand alone; `settings` is what a reader needs to repeat it; `note` what they
    must know to judge it.
    """

    what: str
    unit: str
    spread: Spread
    goals: tuple[Goal, ...] = ()
    baselines: tuple[Baseline, ...] = ()
    settings: Mapping[str, str | int | float] = field(default_factory=dict)
    growth: Growth | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """The median to that of the first baseline."""
        return self.ratio_to(self.baselines[0]) if self.baselines else None

    def ratio_to(self, baseline: Baseline) -> float:
        """The median to that of a baseline."""
        return self.spread.median / baseline.spread.median

    def reached(self, goal: Goal) -> float:
        """The value that a goal is about.

        Raises: ValueError for a ratio without a baseline.
        """
        match goal.statistic:
            case Statistic.MEDIAN:
                return self.spread.median
            case Statistic.P99:
                return self.spread.p99
            case Statistic.RATIO if self.baselines:
                return self.ratio_to(self.baselines[0])
            case _:
                raise ValueError(f"{self.what} has no baseline to be judged by")

    @property
    def is_met(self) -> bool | None:
        """Whether every goal is reached; None without any."""
        return all(goal.is_met(self.reached(goal)) for goal in self.goals) if self.goals else None
