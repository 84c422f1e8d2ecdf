"""A mesh of 300 services in the console: drawn, searched and filtered; `bench/console.py` tells how fast."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open, until
from tests.support.control_plane import ControlPlane, running_control_plane
from tests.support.shop import MESH, fill


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with running_control_plane(tmp_path_factory.mktemp("plane")) as found:
        fill(found)
        yield found


def test_300_services_are_drawn_searched_and_filtered_at_once(
    plane: ControlPlane,
    opened: Open,
    picture: Callable[[Page, str], None],
) -> None:
    page = opened(f"{plane.url}/console/meshes/{MESH}")
    expect(page.get_by_text("300 services")).to_be_visible()
    until(page, "document.querySelectorAll('.svelte-flow__node').length === 300")
    until(page, "document.querySelector('[aria-busy=true]') === null")
    picture(page, "topology-300")
    found = page.locator("#find")
    found.press_sequentially("svc-12")
    expect(page.get_by_text("11 found")).to_be_visible()
    found.fill("zzz")
    expect(page.get_by_text("0 found")).to_be_visible()
    found.fill("svc-299")
    expect(page.get_by_text("1 found")).to_be_visible()
    picture(page, "topology-search")
    page.locator("#find").press("Enter")
    found = page.get_by_role("group", name="Virtual service svc-299.local")
    expect(found).to_be_in_viewport()
    found.click()
    page.get_by_role("button", name="Focus").click()
    expect(page.get_by_text("Around svc-299.local")).to_be_visible()
    until(page, "document.querySelectorAll('.svelte-flow__node').length < 12")
    picture(page, "topology-focus")
    page.get_by_role("button", name="Show the whole mesh").click()
    page.get_by_label("Health").select_option("failing")
    expect(page.get_by_text("Nothing of this kind and health.")).to_be_visible()
