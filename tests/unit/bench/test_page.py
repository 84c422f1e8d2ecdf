import datetime
import re
from pathlib import Path

import pytest

from bench import page
from bench.chart import draw
from bench.result import Baseline, Goal, Growth, Result, Spread, at_most
from bench.run import RUN, Run
from bench.table import table

AT = datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC)
MACHINE: dict[str, str | int | float] = {
    "processor": "a processor",
    "cores": 2,
    "python": "3.11",
    "kernel": "6",
    "load": 0.5,
}


def result(goal: Goal | None = None, size: float | None = None) -> Result:
    return Result(
        "one change",
        "ms",
        Spread.of([10, 20, 30]),
        goals=() if goal is None else (goal,),
        baselines=(Baseline("canned bytes", Spread.of([10])),),
        settings={"streams": 1000},
        growth=None if size is None else Growth("changes", "ours", "streams", size),
        note="Clients are Python.",
    )


def run(*results: Result, failure: str = "") -> Run:
    return Run("fanout", AT, 60, results, failure, MACHINE)


def test_what_is_kept_of_a_run_is_all_of_it() -> None:
    kept = run(result(at_most(25), size=10), failure="ended with 1")
    assert RUN.validate_json(RUN.dump_json(kept)) == kept


def test_a_table_says_which_goals_are_missed_and_how_others_did() -> None:
    told = table(run(result(at_most(25)), result(at_most(15)), failure="ended with 1"))
    assert re.findall(r"^(met|MISSED|FAILED)", told, re.MULTILINE) == ["met", "MISSED", "FAILED"]
    assert "canned bytes 10.0 ms: 2.00 ×" in told


def test_the_page_keeps_what_is_written_by_hand() -> None:
    text = "before\n<!-- begin goals -->\nold\n<!-- end goals -->\nafter\n"
    assert page.filled(text, {"goals": "new"}) == text.replace("old", "new")


def test_a_page_without_a_place_for_a_table_is_refused() -> None:
    with pytest.raises(ValueError, match="no place for goals"):
        page.filled("nothing", {"goals": "new"})


def test_the_page_judges_what_has_a_goal_and_shows_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "performance.md"
    names = ("machine", "goals", "growth", "all")
    place.write_text("".join(f"<!-- begin {name} -->\n<!-- end {name} -->\n" for name in names))
    monkeypatch.setattr(page, "PAGE", place)
    monkeypatch.setattr(page, "CHARTS", tmp_path / "performance")
    page.write([run(result(at_most(15)), result(size=10), result(size=100), failure="ended with 1")])
    text = place.read_text()
    assert text.count("| one change |") == 4
    assert text.count("| **no** |") == 2
    assert "**Not whole:** ended with 1." in text
    assert "performance/changes.svg" in text
    assert (tmp_path / "performance" / "changes.svg").exists()


def test_the_same_numbers_are_drawn_the_same(tmp_path: Path) -> None:
    results = [result(size=10), result(size=100)]
    for name in ("one", "other"):
        draw(results, tmp_path / f"{name}.svg")
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "other.svg").read_bytes()
