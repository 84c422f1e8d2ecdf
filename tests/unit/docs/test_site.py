"""The documentation site is built from every page, with no link that leads nowhere, and can be searched."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[3]
PAGES: Final = sorted(page.relative_to(ROOT / "docs") for page in (ROOT / "docs").rglob("*.md"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as `make site` builds it; a page that nobody lists or a dead link would fail it."""
    place = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(place)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return place


@pytest.fixture(scope="module")
def index(site: Path) -> Mapping[str, str]:
    """What the search knows: the text of each section, by its address."""
    found = json.loads((site / "search" / "search_index.json").read_text())["docs"]
    return {one["location"]: f"{one['title']} {one['text']}" for one in found}


def test_every_page_is_there(site: Path) -> None:
    for page in PAGES:
        folder = page.parent if page.name == "index.md" else page.with_suffix("")
        assert (site / folder / "index.html").is_file(), page


@pytest.mark.parametrize(
    ("word", "page"),
    [
        ("perRetryTimeout", "reference/retry/"),
        ("APPMESH_RESOURCE_ARN", "reference/agent-variables/"),
        ("--calls-per-second", "reference/settings/"),
        ("ResourceInUseException", "reference/errors/"),
    ],
)
def test_a_word_of_the_reference_is_found(index: Mapping[str, str], word: str, page: str) -> None:
    assert any(place.startswith(page) and word in text for place, text in index.items())


def test_the_site_loads_nothing_from_elsewhere(site: Path) -> None:
    page = (site / "index.html").read_text()
    assert 'src="http' not in page
    assert 'rel="stylesheet" href="http' not in page
