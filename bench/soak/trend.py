"""Whether a series grows beyond its noise, judged over its second half.

The slope is the median of the slopes between all pairs of samples (Theil-Sen), which single outliers do not
move; it is taken to be there only if rises outnumber falls beyond chance (Mann-Kendall), and if both the low
and the high values of the last third lie above those of the first: a cache that fills and is emptied rises
most of the time, and comes back.
Source: Sen, Estimates of the regression coefficient based on Kendall's tau, 1968; Mann, Nonparametric tests
against trend, 1945.
"""

import itertools
import math
import statistics
from dataclasses import dataclass
from typing import Final

from bench.soak.sample import Series

#: What may grow in the second half and is not looked at: caches that are bounded fill slowly, and an
#: allocator gives back what it likes. Memory in MB and as a share; all else, whole things.
ALLOWED_MB: Final = 2.0
ALLOWED_SHARE: Final = 0.03
ALLOWED_THINGS: Final = 0.5

#: Beyond chance: one in a thousand.
_Z: Final = 3.29

#: More pairs tell no more.
_MOST: Final = 400


@dataclass(frozen=True, slots=True)
class Trend:
    """One series: where its second half began and ended, by how much it grew, and what it may grow.

    `lift` is by how much both low and high values rose from its first third to its last.
    """

    series: Series
    first: float
    last: float
    growth: float
    lift: float
    allowed: float
    is_beyond_chance: bool

    @property
    def is_leak(self) -> bool:
        """Whether it grows."""
        return self.is_beyond_chance and self.growth > self.allowed and self.lift > self.allowed / 2


def trend(series: Series) -> Trend:
    """Judge the second half of a series."""
    middle = series.at[-1] / 2
    half = [(at, value) for at, value in zip(series.at, series.values, strict=True) if at >= middle]
    step = max(1, math.ceil(len(half) / _MOST))
    points = half[::step]
    pairs = list(itertools.combinations(points, 2))
    slope = statistics.median((later[1] - earlier[1]) / (later[0] - earlier[0]) for earlier, later in pairs)
    edge = max(1, len(points) // 10)
    first = statistics.median(value for _, value in points[:edge])
    last = statistics.median(value for _, value in points[-edge:])
    allowed = max(ALLOWED_MB, ALLOWED_SHARE * first) if series.unit == "MB" else ALLOWED_THINGS
    growth = slope * (points[-1][0] - points[0][0])
    values = [value for _, value in points]
    return Trend(series, first, last, growth, _lift(values), allowed, _is_beyond_chance(values))


def _lift(values: list[float]) -> float:
    third = max(2, len(values) // 3)
    before, after = (statistics.quantiles(part, n=10) for part in (values[:third], values[-third:]))
    return min(after[0] - before[0], after[-1] - before[-1])


def _is_beyond_chance(values: list[float]) -> bool:
    """Mann and Kendall's test, without the correction for ties, which only makes it milder."""
    rises = sum((later > earlier) - (later < earlier) for earlier, later in itertools.combinations(values, 2))
    count = len(values)
    deviation = math.sqrt(count * (count - 1) * (2 * count + 5) / 18)
    return rises > _Z * deviation
