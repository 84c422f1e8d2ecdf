"""A growth curve as a picture: the median over a size, with the spread around it, both axes logarithmic."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import matplotlib as mpl
from matplotlib.figure import Figure

from bench.result import Growth, Result, Spread

#: The same numbers give the same file.
mpl.rcParams["svg.hashsalt"] = "gossamer"

#: Slopes that the eye can compare with: on logarithmic axes, proportional growth is a straight line up.
PROPORTIONAL: Final = "proportional to the size"


def draw(results: Sequence[Result], out: Path) -> None:
    """Draw the curves of one chart, those of baselines too."""
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.add_subplot()
    placed = [(result.growth, result) for result in results if result.growth is not None]
    placed.sort(key=lambda one: one[0].size)
    for line, points in _lines(placed).items():
        sizes = [size for size, _ in points]
        (drawn,) = axes.plot(sizes, [spread.median for _, spread in points], marker="o", label=line)
        low, high = [spread.p10 for _, spread in points], [spread.p90 for _, spread in points]
        axes.fill_between(sizes, low, high, alpha=0.2, color=drawn.get_color())
        axes.axline(
            (sizes[0], points[0][1].median), slope=None, xy2=_proportional(points), ls=":", lw=0.8, c="gray"
        )
    growth, first = placed[0]
    axes.set(
        xscale="log", yscale="log", xlabel=growth.of, ylabel=first.unit, title=growth.chart.replace("-", " ")
    )
    axes.set_xticks(sorted({growth.size for growth, _ in placed}))
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.xaxis.set_minor_formatter("")
    axes.yaxis.set_major_formatter("{x:,g}")
    axes.grid(visible=True, which="major", alpha=0.3)
    axes.legend(title=f"dotted: {PROPORTIONAL}")
    figure.savefig(out, metadata={"Date": None})


def _lines(placed: Sequence[tuple[Growth, Result]]) -> dict[str, list[tuple[float, Spread]]]:
    """Each curve's points, ours and those of the baselines."""
    lines: dict[str, list[tuple[float, Spread]]] = {}
    for growth, result in placed:
        lines.setdefault(growth.line, []).append((growth.size, result.spread))
        for baseline in result.baselines:
            lines.setdefault(f"{growth.line}: {baseline.name}", []).append((growth.size, baseline.spread))
    return lines


def _proportional(points: Sequence[tuple[float, Spread]]) -> tuple[float, float]:
    """Where the last point would be if cost grew as the size does."""
    (first, spread), (last, _) = points[0], points[-1]
    return last, spread.median * last / first
