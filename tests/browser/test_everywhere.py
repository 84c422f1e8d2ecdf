"""What holds on every page: no barrier that axe finds, in both themes; nothing wider than a phone."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from gossamer.demo.layout import MESH
from tests.browser.conftest import Open, until
from tests.support.access_keys import new_key
from tests.support.control_plane import ControlPlane, running_control_plane
from tests.support.demo_mesh import create_demo_mesh
from tests.support.local_ca import LocalCa

AXE = Path(__file__).parents[2] / "console" / "node_modules" / "axe-core" / "axe.min.js"
ROUTE = f"meshes/{MESH}/resource/virtualRouter/serviceB/route/serviceB-route"

#: Each page, and the heading by which it is known to be there.
PAGES = {
    "": "Meshes",
    f"meshes/{MESH}": MESH,
    f"meshes/{MESH}?at={MESH}/virtualNode/serviceA": MESH,
    f"meshes/{MESH}/resources": "Resources",
    ROUTE: "serviceB-route",
    f"{ROUTE}?tab=edit": "serviceB-route",
    f"{ROUTE}?tab=history": "serviceB-route",
    f"meshes/{MESH}/resource/virtualNode/serviceA?tab=edit": "serviceA",
    f"meshes/{MESH}/new/virtualGateway": "Create virtual gateway",
    f"meshes/{MESH}/history": "History",
    f"meshes/{MESH}/analysis": "Analysis",
    f"meshes/{MESH}/explain": "Explain",
    "proxies": "Proxies",
    "certificates": "Certificates",
    "audit": "Audit log",
    "no/such/page": "There is no such page",
}


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    directory = tmp_path_factory.mktemp("plane")
    with running_control_plane(directory) as found:
        create_demo_mesh(found)
        ca = LocalCa(directory / "data")
        ca.run("create", "shop")
        ca.run("issue", "orders.shop.local")
        yield found


def shown(page: Page, url: str, path: str) -> None:
    """Go to a page, and return once it is all there."""
    page.goto(f"{url}/console/{path}")
    page.get_by_role("heading", level=1, name=PAGES[path]).first.wait_for()
    until(page, "document.querySelector('[aria-busy=true]') === null")


def barriers(page: Page) -> list[str]:
    """What axe finds; the script comes from outside of the page, and needs no leave of its policy."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then(found => found.violations)")
    return [f"{one['id']}: {json.dumps([node['html'][:200] for node in one['nodes'][:3]])}" for one in found]


#: Those of them that the documentation shows, and under which name.
SHOWN = {
    f"meshes/{MESH}/resources": "resources",
    f"meshes/{MESH}/resource/virtualNode/serviceA?tab=edit": "form",
    f"meshes/{MESH}/analysis": "analysis",
    "certificates": "certificates",
    "audit": "audit",
}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_no_barrier_on_any_page(
    plane: ControlPlane, opened: Open, picture: Callable[[Page, str], None], theme: str
) -> None:
    page = opened(f"{plane.url}/console/", theme=theme)
    found: dict[str, list[str]] = {}
    for path in PAGES:
        shown(page, plane.url, path)
        if theme == "light" and path in SHOWN:
            picture(page, SHOWN[path])
        # Colours may be a frame behind what was drawn; what is wrong with a page stays wrong.
        for _ in range(3):
            found[path] = barriers(page)
            if not found[path]:
                break
            page.wait_for_timeout(1000)
    assert {path: one for path, one in found.items() if one} == {}


def test_certificates_are_listed_with_their_names(plane: ControlPlane, opened: Open) -> None:
    page = opened(f"{plane.url}/console/certificates")
    page.get_by_text("orders.shop.local").first.wait_for()


def test_a_question_of_explain_can_be_sent_as_an_address(plane: ControlPlane, opened: Open) -> None:
    page = opened(f"{plane.url}/console/meshes/{MESH}/explain?url=http://no.such.name/")
    expect(page.get_by_label("URL")).to_have_value("http://no.such.name/")
    page.get_by_role("button", name="Explain").click()
    until(page, "location.search.includes('from=virtualNode')")


def test_no_page_is_wider_than_a_phone(plane: ControlPlane, opened: Open) -> None:
    page = opened(f"{plane.url}/console/", width=390, height=844)
    wide = {}
    for path in PAGES:
        shown(page, plane.url, path)
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > 390:
            wide[path] = width
    assert wide == {}


def test_the_menu_of_a_phone_leads_everywhere(
    plane: ControlPlane, opened: Open, picture: Callable[[Page, str], None]
) -> None:
    page = opened(f"{plane.url}/console/meshes/{MESH}", width=390, height=844)
    page.get_by_role("group", name="Virtual node serviceA").wait_for()
    picture(page, "phone-topology")
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Resources").click()
    page.get_by_role("heading", level=1, name="Resources").wait_for()
    assert not page.get_by_role("link", name="Audit log").is_visible()


def test_the_theme_is_the_systems_until_one_is_chosen(plane: ControlPlane, opened: Open) -> None:
    page = opened(f"{plane.url}/console/", theme="dark")
    page.get_by_role("button", name="Light theme").click()
    page.reload()
    page.get_by_role("button", name="Dark theme").wait_for()
    assert page.locator("html").get_attribute("data-theme") == "light"


def test_a_key_signs_in_and_no_script_can_read_what_came_of_it(tmp_path: Path, opened: Open) -> None:
    key = new_key(tmp_path / "data", "AWSAppMeshFullAccess")
    with running_control_plane(tmp_path) as plane:
        page = opened(f"{plane.url}/console/", excused="40[013]")
        page.get_by_label("Access key ID").fill(key.id)
        page.get_by_label("Secret access key").fill("wrong" * 8)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("alert").filter(has_text="signature").wait_for()
        assert barriers(page) == []
        page.get_by_label("Secret access key").fill(key.secret)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("heading", name="No mesh yet").wait_for()
        kept = page.evaluate(
            "document.cookie + JSON.stringify(localStorage) + JSON.stringify(sessionStorage)"
        )
        assert key.secret not in kept
        (cookie,) = page.context.cookies()
        assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
        assert key.secret not in str(cookie["value"])
        page.reload()
        page.get_by_text(key.id).wait_for()
        page.get_by_role("button", name="Sign out").click()
        page.get_by_role("heading", name="Sign in").wait_for()
        page.context.close()
