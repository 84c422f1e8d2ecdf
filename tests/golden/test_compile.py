"""Every golden pair holds, and the real Envoy takes each of them."""

from pathlib import Path

import pytest

from tests.support.envoy import eventually, running_envoy
from tests.support.goldens import Case, cases, mesh_of, surroundings_of
from tests.support.plane import running_plane

CASES = list(cases())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_mesh_compiles_to_its_golden(case: Case) -> None:
    assert case.output().exists(), "run `make golden` and read what it wrote"
    assert case.golden() == case.output().read_text()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_golden_case_says_why_it_exists(case: Case) -> None:
    assert case.path.read_text().startswith(("# Why:", "# A "))


@pytest.mark.e2e
async def test_the_real_envoy_accepts_every_golden(tmp_path: Path) -> None:
    good = [case for case in CASES if case.output().suffix == ".json"]
    async with running_plane(tmp_path) as plane:
        for number, case in enumerate(good):
            plane.reconciler.surround(surroundings_of(case.read()))
            plane.show(mesh_of(case.read()))
            node = f"mesh/shop/{case.read()['proxy']}"
            with running_envoy(node, plane.socket, tmp_path, f"envoy{number}") as envoy:
                await eventually(plane.is_in_sync, f"{case.name} in sync: {plane.refusals()}")
                assert plane.refusals() == [], case.name
                assert await envoy.state() == "LIVE", case.name
            await eventually(plane.is_empty, "the proxy gone")
