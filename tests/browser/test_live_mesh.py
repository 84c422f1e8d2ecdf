"""The console on the Getting Started with real sidecars and traffic: seen, shifted, rolled back, refused."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from gossamer.demo.layout import MESH
from tests.browser.conftest import PATIENCE_MS, Open, until
from tests.support.control_plane import ControlPlane, running_control_plane
from tests.support.demo_mesh import create_demo_mesh, eventually, playing_stage, stage_mode

ROUTE = "resource/virtualRouter/serviceB/route/serviceB-route"
Picture = Callable[[Page, str], None]


@dataclass
class Staged:
    """The Getting Started, played."""

    plane: ControlPlane
    client: Any
    said: Path

    def address(self, place: str) -> str:
        """Where a page about the mesh is."""
        return f"{self.plane.url}/console/meshes/{MESH}/{place}"

    def shift(self, first: int, second: int) -> None:
        """Set the weights, as any client does."""
        about = {"meshName": MESH, "virtualRouterName": "serviceB", "routeName": "serviceB-route"}
        spec = self.client.describe_route(**about)["route"]["spec"]
        targets = spec["httpRoute"]["action"]["weightedTargets"]
        targets[0]["weight"], targets[1]["weight"] = first, second
        self.client.update_route(**about, spec=spec)
        eventually(self._in_sync, "in sync")

    def weights(self) -> list[int]:
        """The weights that are stored."""
        about = {"meshName": MESH, "virtualRouterName": "serviceB", "routeName": "serviceB-route"}
        spec = self.client.describe_route(**about)["route"]["spec"]
        return [one["weight"] for one in spec["httpRoute"]["action"]["weightedTargets"]]

    def answers(self, since: int = 0) -> Counter[str]:
        """Who answered, of the requests from one on; a failure counts under what it said."""
        lines = self.said.read_text().splitlines()
        found = [json.loads(line)["request"] for line in lines if line.startswith('{"request"')]
        return Counter(one[3] if one[2] == 200 else f"failed: {one[3]}" for one in found[since:])

    def _in_sync(self) -> bool:
        return all(one["state"] == "in sync" for one in self.plane.proxies())


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staged]:
    directory = tmp_path_factory.mktemp("stage")
    for one in (directory, *directory.parents[:2]):
        one.chmod(0o755)
    with running_control_plane(directory) as plane:
        client = create_demo_mesh(plane)
        with playing_stage(plane, directory, stage_mode()):
            yield Staged(plane, client, directory / "stage.log")


def share(page: Page, target: str) -> float:
    """What share of the requests the page says that a target takes now; -1 while it says nothing."""
    text = page.locator(f"tr[data-target={target}] .seen").inner_text()
    return float(text.split()[0]) if text != "—" else -1.0


def test_the_graph_shows_who_calls_whom_and_how_it_goes(
    staged: Staged, opened: Open, picture: Picture
) -> None:
    staged.shift(90, 10)
    page = opened(staged.address(""))
    graph = page.get_by_label("The graph of the mesh")
    for name in (
        "Virtual node serviceA, ok, 1 of 1 proxies in sync",
        "Virtual router serviceB, ok",
        "Virtual node serviceBv2, ok, 1 of 1 proxies in sync",
    ):
        expect(graph.get_by_role("group", name=name)).to_be_visible()
    expect(graph.get_by_text(re.compile(r"90 % · \d+/s"))).to_be_visible()
    picture(page, "topology")
    graph.get_by_role("group", name="Virtual node serviceBv1, ok, 1 of 1 proxies in sync").click()
    aside = page.get_by_role("complementary", name="Virtual node serviceBv1")
    expect(aside.get_by_text("100 %")).to_be_visible()
    expect(aside.get_by_text("in sync")).to_be_visible()
    aside.get_by_role("link", name="Open").click()
    expect(page.get_by_role("heading", level=1, name="serviceBv1")).to_be_visible()


def test_a_canary_is_shifted_with_the_slider_and_the_split_follows(
    staged: Staged, opened: Open, picture: Picture
) -> None:
    staged.shift(90, 10)
    page = opened(staged.address(ROUTE))
    until(page, "document.querySelector('tr[data-target=serviceBv2] .seen')?.innerText !== '—'")
    page.get_by_label("Weight of serviceBv2", exact=True).fill("50")
    page.get_by_role("button", name="Shift to 50 / 50").click()
    eventually(lambda: staged.weights() == [50, 50], "stored")
    eventually(lambda: 35 < share(page, "serviceBv2") < 65, "the split seen to follow")
    page.wait_for_timeout(3000)
    picture(page, "route-weights")
    slider = page.get_by_label("Weight of serviceBv2", exact=True)
    slider.focus()
    slider.press("End")
    page.get_by_role("button", name="Shift to 0 / 100").click()
    eventually(lambda: share(page, "serviceBv2") == 100, "all of it seen to follow")
    before = staged.answers().total()
    eventually(lambda: staged.answers().total() > before + 200, "200 requests")
    assert set(staged.answers(before)) == {"serviceBv2"}
    assert not [one for one in staged.answers() if one.startswith("failed")]


def test_a_bad_edit_is_refused_at_its_field(staged: Staged, opened: Open, picture: Picture) -> None:
    page = opened(staged.address(f"{ROUTE}?tab=edit"), excused="400")
    field = page.get_by_label("weight", exact=True).first
    field.fill("101")
    page.get_by_role("button", name="Review change").click()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    expect(page.locator(".control", has=field).locator(".complaint")).to_contain_text("100")
    picture(page, "refused-edit")
    field.fill("90")
    expect(field).not_to_have_attribute("aria-invalid", "true")
    assert 101 not in staged.weights()


def test_a_change_shows_what_it_comes_to_before_it_is_made(
    staged: Staged, opened: Open, picture: Picture
) -> None:
    staged.shift(90, 10)
    page = opened(staged.address(f"{ROUTE}?tab=edit"))
    page.get_by_label("weight", exact=True).first.fill("60")
    page.get_by_label("weight", exact=True).last.fill("40")
    page.get_by_role("button", name="Review change").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("+    - virtualNode")).to_have_count(0)
    expect(dialog.get_by_text(re.compile(r"^\+\s+weight: 60$")).first).to_be_visible()
    assert staged.weights() == [90, 10]
    picture(page, "plan")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name="Shift to 60 / 40")).to_be_visible()
    assert staged.weights() == [60, 40]


def test_a_resource_is_rolled_back_with_a_look_at_what_that_changes(
    staged: Staged, opened: Open, picture: Picture
) -> None:
    staged.shift(80, 20)
    staged.shift(30, 70)
    page = opened(staged.address(f"{ROUTE}?tab=history"))
    page.get_by_role("button", name=re.compile("Diff of revision")).first.click()
    expect(page.get_by_text(re.compile(r"^\+\s+weight: 70$"))).to_be_visible()
    picture(page, "history")
    page.get_by_role("button", name=re.compile("Roll back to this: revision")).first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text(re.compile(r"^\+\s+weight: 80$")).first).to_be_visible()
    assert staged.weights() == [30, 70]
    dialog.get_by_role("button", name="Roll back").click()
    expect(page.get_by_text("Rolled back: 1 resource was written anew.")).to_be_visible()
    assert staged.weights() == [80, 20]


def test_a_refused_update_is_shown_in_envoys_words(staged: Staged, opened: Open, picture: Picture) -> None:
    about = {"meshName": MESH, "virtualNodeName": "serviceBv2"}
    good = staged.client.describe_virtual_node(**about)["virtualNode"]["spec"]
    page = opened(f"{staged.plane.url}/console/proxies")
    expect(page.get_by_role("row", name=re.compile("in sync.*serviceA"))).to_be_visible()
    log = {"accessLog": {"file": {"path": "/no/such/directory/access.log"}}}
    try:
        staged.client.update_virtual_node(**about, spec={**good, "logging": log})
        first = page.get_by_role("row").nth(1)
        expect(first).to_contain_text("refused", timeout=PATIENCE_MS)
        expect(first).to_contain_text("/no/such/directory/access.log")
        picture(page, "proxies")
        first.get_by_role("link", name=re.compile("serviceBv2")).first.click()
        expect(page.get_by_role("alert")).to_contain_text("/no/such/directory/access.log")
        expect(page.locator("dl.facts")).to_contain_text(f"Agent {version('gossamer')}")
        page.get_by_role("combobox", name="Type").select_option("listener")
        expect(page.locator("summary").first).to_be_visible()
        picture(page, "proxy")
        page.goto(staged.address("resource/virtualNode/serviceBv2"))
        told = page.locator(".notice").filter(has_text="Envoy refused this: the listeners of")
        expect(told).to_contain_text("/no/such/directory/access.log")
    finally:
        staged.client.update_virtual_node(**about, spec=good)
    eventually(staged._in_sync, "in sync again")
    expect(told).to_have_count(0, timeout=PATIENCE_MS)


def test_everything_is_done_with_keys_alone(staged: Staged, opened: Open) -> None:
    staged.shift(90, 10)
    page = opened(staged.address(""))
    expect(page.get_by_role("group", name="Virtual router serviceB, ok")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("serviceBv1")
    expect(page.get_by_text("1 found")).to_be_visible()
    page.keyboard.press("Escape")
    _tab_to(page, "link", "Resources", backwards=True)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Resources")).to_be_visible()
    _tab_to(page, "link", "serviceB-route")
    page.keyboard.press("Enter")
    _tab_to(page, "slider", "Weight of serviceBv2")
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    _tab_to(page, "button", "Shift to 80 / 20")
    page.keyboard.press("Enter")
    eventually(lambda: staged.weights() == [80, 20], "stored")


def _tab_to(page: Page, role: str, name: str, *, backwards: bool = False) -> None:
    """Go on by the tabulator until something has the focus."""
    wanted = page.get_by_role(role, name=name, exact=True)  # type: ignore[arg-type]  # a role
    wanted.wait_for()
    for _ in range(60):
        if wanted.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Shift+Tab" if backwards else "Tab")
    raise AssertionError(f"no way to {name} by the tabulator")
