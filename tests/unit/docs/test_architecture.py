"""The architecture page names what is there."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "explanation" / "architecture.md").read_text()
SOURCE = ROOT / "src" / "gossamer"


def test_every_file_that_the_page_names_is_there() -> None:
    named = set(re.findall(r"`((?:\w+/)+\w+\.py)`", PAGE))
    assert "api/app.py" in named
    assert {name for name in named if not (SOURCE / name).is_file()} == set()


def test_the_layers_are_those_that_imports_are_held_to() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (layers,) = (one["layers"] for one in contracts if one["type"] == "layers")
    assert "\n".join(("```text", *layers, "```")) in PAGE
