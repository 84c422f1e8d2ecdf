"""Every golden pair holds, and the real Envoy takes each of them."""

from pathlib import Path

import pytest

from tests.support import oldest_envoy
from tests.support.goldens import Case, cases
from tests.support.judge import judging_envoy

CASES = list(cases())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_mesh_compiles_to_its_golden(case: Case) -> None:
    assert case.output().exists(), "run `make golden` and read what it wrote"
    assert case.golden() == case.output().read_text()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_golden_case_says_why_it_exists(case: Case) -> None:
    assert case.path.read_text().startswith(("# Why:", "# A "))


@pytest.mark.e2e
@pytest.mark.parametrize("program", [None, oldest_envoy.PROGRAM], ids=["the newest", "the oldest"])
async def test_the_real_envoy_accepts_every_golden(tmp_path: Path, program: Path | None) -> None:
    async with judging_envoy(tmp_path, program) as judge:
        assert (judge.build() == oldest_envoy.BUILD) == (program is not None)
        for case in CASES:
            # An Envoy that cannot count what the metrics need is not given them: see `xds.node_wish`.
            asked = case.read().get("wishes", {})
            is_given = program is None or not (asked.get("has_metrics") or asked.get("counts_steps"))
            if case.output().suffix == ".json" and is_given:
                assert await judge.refusals(case.compiled()) == [], case.name
        assert await judge.rejected() == 0
