"""The documentation site is built from every page, with no link that leads nowhere, and can be searched."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import sync_playwright

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
        assert (site / page.with_suffix(".html")).is_file(), page


@pytest.mark.parametrize(
    ("word", "page"),
    [
        ("perRetryTimeout", "reference/retry.html"),
        ("APPMESH_RESOURCE_ARN", "reference/agent-variables.html"),
        ("--calls-per-second", "reference/settings.html"),
        ("ResourceInUseException", "reference/errors.html"),
    ],
)
def test_a_word_of_the_reference_is_found(index: Mapping[str, str], word: str, page: str) -> None:
    assert any(place.startswith(page) and word in text for place, text in index.items())


def test_the_site_loads_nothing_from_elsewhere(site: Path) -> None:
    page = (site / "index.html").read_text()
    assert 'src="http' not in page
    assert 'rel="stylesheet" href="http' not in page


CHROMIUM: Final = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
@pytest.mark.timeout(300)
def test_the_site_is_read_and_searched_from_files_without_a_server(site: Path) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.goto((site / "index.html").as_uri())
        page.click('article a[href="tutorials/first-canary.html"]')
        assert page.title().startswith("Your first canary")
        page.click("input.md-search__input")
        page.keyboard.type("perRetryTimeout")
        found = page.locator('.md-search-result__link[href*="reference/retry.html"]')
        found.first.wait_for(state="attached", timeout=60_000)
        browser.close()
