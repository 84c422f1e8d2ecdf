"""The tutorial "Your first canary", followed to the letter."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.support.tutorial import ROOT, Step, as_root, followed, steps

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(600),
    pytest.mark.skipif(os.geteuid() != 0, reason="the tutorial is for root"),
]

PAGE: Final = ROOT / "docs" / "tutorials" / "first-canary.md"
#: Where the tutorial puts its files.
PLACE: Final = Path("/tmp/first-canary")  # noqa: S108 - it is what the page says


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[tuple[Step, str]]]:
    """Every step with what it printed."""
    shutil.rmtree(PLACE, ignore_errors=True)
    try:
        yield list(
            followed(steps(PAGE.read_text()), as_root(tmp_path_factory.mktemp("home") / "bin"), timeout=580)
        )
    finally:
        shutil.rmtree(PLACE, ignore_errors=True)


def printed_by(typed: list[tuple[Step, str]], command: str) -> str:
    """What the step with a command printed."""
    (found,) = (printed for step, printed in typed if command in step.commands)
    return found


def test_what_the_page_shows_is_what_is_printed(typed: list[tuple[Step, str]]) -> None:
    shown = [(step, printed) for step, printed in typed if step.shown is not None]
    assert len(shown) > 3
    for step, printed in shown:
        assert step.shown is not None
        last = "\n".join(printed.splitlines()[-len(step.shown.splitlines()) :])
        assert _without_counts(last) == _without_counts(step.shown.rstrip("\n")), step.commands


def test_about_a_tenth_reaches_version_2(typed: list[tuple[Step, str]]) -> None:
    printed = printed_by(typed, "uniq -c")
    found = {
        name: int(count) for count, name in re.findall(r"^ *(\d+) hello from (.*)$", printed, re.MULTILINE)
    }
    assert sum(found.values()) == 100
    # One run of forty thousand would fail by chance.
    assert 0 < found["version 2"] < 29


def test_the_explanation_names_the_route_and_both_versions(typed: list[tuple[Step, str]]) -> None:
    printed = printed_by(typed, "gossamer explain")
    assert all(name in printed for name in ("all", "greeter-v1", "greeter-v2"))


def test_nothing_is_left_when_the_sandbox_is_left(typed: list[tuple[Step, str]]) -> None:
    assert printed_by(typed, "sudo rm -r") == ""
    assert not PLACE.exists()
    assert not any(_is_of_the_tutorial(process) for process in Path("/proc").glob("[0-9]*"))


def _is_of_the_tutorial(process: Path) -> bool:
    """Whether a process still works in the tutorial's place."""
    try:
        return (process / "cwd").readlink().is_relative_to(PLACE)
    except OSError:
        return False


def _without_counts(text: str) -> str:
    """The same, whatever the numbers at the beginning of its lines."""
    return re.sub(r"^ *\d+ ", "N ", text, flags=re.MULTILINE)
