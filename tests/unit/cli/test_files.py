"""Documents from files: what cannot be read is refused in one sentence."""

from pathlib import Path

import pytest

from gossamer.cli.files import sources
from gossamer.cli.words import WrongUsage


@pytest.mark.parametrize("opened", ["[", '{"a":', "[{"])
@pytest.mark.parametrize("name", ["deep.json", "deep.yaml"])
def test_a_file_that_is_nested_too_deeply_is_refused(opened: str, name: str, tmp_path: Path) -> None:
    file = tmp_path / name
    closed = {"[": "]", '{"a":': "1}", "[{": "}]"}[opened]
    file.write_text(opened * 5000 + closed[0] + closed[-1] * 5000)
    with pytest.raises(WrongUsage, match=r"deep\.(json|yaml).*nested too deeply"):
        sources([str(file)])
