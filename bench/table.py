"""Results as a person reads them: one line of numbers each, in a terminal and on the page."""

from bench.result import Baseline, Goal, Result, Spread
from bench.run import Run


def number(value: float) -> str:
    """A value with as many digits as say something: three, and all of those before the point."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def measured(spread: Spread, unit: str) -> str:
    """The middle, and how far the values spread."""
    if spread.count == 1:
        return f"{number(spread.median)} {unit}"
    edges = f"p10 {number(spread.p10)}, p90 {number(spread.p90)}, p99 {number(spread.p99)}"
    return f"{number(spread.median)} {unit} ({edges}, {spread.count} ×)"


def compared(result: Result, baseline: Baseline) -> str:
    """What something else took, and how we stand to it."""
    return (
        f"{baseline.name} {number(baseline.spread.median)} {result.unit}: {result.ratio_to(baseline):.2f} ×"
    )


def wanted(goal: Goal, unit: str) -> str:
    """A goal in the result's unit."""
    return f"{goal} ×" if goal.statistic == "ratio" else f"{goal} {unit}"


def table(run: Run) -> str:
    """One scenario's results, for a terminal."""
    lines = [line for result in run.results for line in _lines(result)]
    if run.failure:
        lines.append(f"FAILED: {run.failure}")
    return "\n".join([*lines, f"({run.took_s:.0f} s, load before {run.machine.get('load')})"])


def _lines(result: Result) -> list[str]:
    verdict = {True: "met   ", False: "MISSED", None: "      "}[result.is_met]
    lines = [f"{verdict} {result.what}: {measured(result.spread, result.unit)}"]
    lines += [f"         goal {wanted(goal, result.unit)}" for goal in result.goals]
    lines += [f"         {compared(result, baseline)}" for baseline in result.baselines]
    return [*lines, *([f"         {result.note}"] if result.note else [])]
