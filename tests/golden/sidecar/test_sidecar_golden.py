from pathlib import Path

import pytest

from tests.golden.sidecar import cases


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        pytest.param(path, text, id=f"{path.parent.name}/{path.name}")
        for path, text in dict(cases.outputs()).items()
    ],
)
def test_an_environment_becomes_what_is_written_beside_it(path: Path, wanted: str) -> None:
    assert path.read_text() == wanted


def test_no_output_is_left_of_a_case_that_is_gone() -> None:
    assert cases.written() == {path for path, _ in cases.outputs()}
