"""`docs/explanation/performance.md`: made from runs between its markers, written by hand around them."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

from bench.chart import draw
from bench.result import Result
from bench.run import Run
from bench.table import compared, measured, wanted

PAGE: Final = Path("docs/explanation/performance.md")
CHARTS: Final = Path("docs/explanation/performance")

HEAD: Final = "| What | Goal | Measured | In the same run | Met |\n|---|---|---|---|---|"


def write(runs: Sequence[Run]) -> None:
    """Bring the page up to date."""
    charts = _charts(runs)
    CHARTS.mkdir(exist_ok=True)
    for name, results in charts.items():
        draw(results, CHARTS / f"{name}.svg")
    for stale in {*CHARTS.glob("*.svg")} - {CHARTS / f"{name}.svg" for name in charts}:
        stale.unlink()
    blocks = {
        "machine": _machine(runs),
        "goals": _goals(runs),
        "all": _all(runs),
        "growth": "\n\n".join(f"![{name}](performance/{name}.svg)" for name in charts),
    }
    PAGE.write_text(filled(PAGE.read_text(), blocks))


def filled(text: str, blocks: dict[str, str]) -> str:
    """A page with other text between its markers, `<!-- begin NAME -->` and `<!-- end NAME -->`.

    Raises: ValueError for a marker that is missing.
    """
    for name, block in blocks.items():
        begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
        before, found, rest = text.partition(begin)
        _, closed, after = rest.partition(end)
        if not (found and closed):
            raise ValueError(f"the page has no place for {name}")
        text = f"{before}{begin}\n{block}\n{end}{after}"
    return text


def _machine(runs: Sequence[Run]) -> str:
    """On what, and when."""
    first = min(runs, key=lambda run: run.at)
    machine = first.machine
    loads = ", ".join(f"{run.scenario} {run.machine['load']}" for run in runs)
    minutes = sum(run.took_s for run in runs) / 60
    return (
        f"Measured on {first.at:%Y-%m-%d}: {machine['cores']} cores of {machine['processor']}, "
        f"Linux {machine['kernel']}, Python {machine['python']}; {minutes:.0f} minutes for all of it. "
        f"Load of the machine before each scenario: {loads}."
    )


def _goals(runs: Sequence[Run]) -> str:
    rows = [_row(result, is_judged=True) for run in runs for result in run.results if result.goals]
    return "\n".join([HEAD, *rows])


def _all(runs: Sequence[Run]) -> str:
    return "\n\n".join(_section(run) for run in runs)


def _section(run: Run) -> str:
    rows = [_row(result, is_judged=bool(result.goals)) for result in run.results]
    failed = [f"**Not whole:** {run.failure}."] if run.failure else []
    return "\n\n".join([f"### `{run.scenario}`", *failed, "\n".join([HEAD, *rows]), *_remarks(run.results)])


def _remarks(results: Sequence[Result]) -> Iterator[str]:
    """Settings and notes, each once."""
    told = {name: value for result in results for name, value in result.settings.items()}
    if told:
        yield "Settings: " + ", ".join(f"{name} {value}" for name, value in told.items()) + "."
    yield from dict.fromkeys(result.note for result in results if result.note)


def _row(result: Result, *, is_judged: bool) -> str:
    goals = ", ".join(wanted(goal, result.unit) for goal in result.goals) or "–"
    others = "; ".join(compared(result, baseline) for baseline in result.baselines) or "–"
    verdict = ("yes" if result.is_met else "**no**") if is_judged else "–"
    return f"| {result.what} | {goals} | {measured(result.spread, result.unit)} | {others} | {verdict} |"


def _charts(runs: Sequence[Run]) -> dict[str, list[Result]]:
    """The results of each growth curve, by the chart's name."""
    grown = [(result.growth.chart, result) for run in runs for result in run.results if result.growth]
    grown.sort(key=lambda one: one[0])
    return {name: [result for _, result in group] for name, group in groupby(grown, key=lambda one: one[0])}
