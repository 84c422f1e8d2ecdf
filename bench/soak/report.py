"""The table of what grew and what did not, and the picture of all series."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from bench.soak.sample import Series
from bench.soak.trend import Trend

mpl.rcParams["svg.hashsalt"] = "gossamer"


def table(trends: Sequence[Trend]) -> str:
    """A row a series, in Markdown."""
    lines = [
        "| What | first minute | middle | end | growth over the second half | allowed | |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in trends:
        unit = f" {one.series.unit}" if one.series.unit else ""
        start = one.series.values[min(len(one.series.values) - 1, 10)]
        cells = (
            *(f"{value:,.1f}{unit}" for value in (start, one.first, one.last)),
            f"{one.growth:+.2f}{unit}",
            f"{one.allowed:.1f}{unit}",
            "**grows**" if one.is_leak else "flat",
        )
        lines.append(f"| {one.series.name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def draw(every: Sequence[Series], out: Path) -> None:
    """Memory above, counts below, over minutes."""
    figure = Figure(figsize=(9, 7), layout="constrained")
    memory, counts = figure.subplots(2, sharex=True)
    for one in every:
        axes = memory if one.unit == "MB" else counts
        axes.plot([at / 60 for at in one.at], one.values, label=one.name, lw=1)
    memory.set(ylabel="MB", title="memory")
    counts.set(xlabel="minutes", title="descriptors, threads, tasks")
    for axes in (memory, counts):
        axes.set_ylim(bottom=0)
        axes.grid(visible=True, alpha=0.3)
        axes.legend(fontsize="x-small", loc="center left", bbox_to_anchor=(1.0, 0.5))
    figure.savefig(out, metadata={"Date": None})
