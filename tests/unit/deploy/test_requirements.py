"""The pinned requirements of each image hold all that its parts ask for."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
IMAGES = {
    "control-plane": ("server", "postgresql", "aws", "inject"),
    "sidecar": ("sidecar",),
    "route-manager": (),
}


def named(requirement: str) -> str:
    """The normalised name of a requirement."""
    found = re.match(r"[\w.-]+", requirement)
    assert found is not None
    return re.sub(r"[-_.]+", "-", found[0]).lower()


@pytest.mark.parametrize("image", IMAGES)
def test_an_image_gets_all_that_its_parts_ask_for(image: str) -> None:
    extras = PROJECT["optional-dependencies"]
    asked = {*PROJECT["dependencies"], *(one for extra in IMAGES[image] for one in extras[extra])}
    lines = (ROOT / "requirements" / f"{image}.txt").read_text().splitlines()
    pinned = {named(line) for line in lines if "==" in line and not line.startswith((" ", "#"))}
    assert {named(one) for one in asked} - pinned == set(), "run `make lock`"
