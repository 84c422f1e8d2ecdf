"""Writing goes on, whatever happens meanwhile: others write, the session ends, the server starts again."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Open
from tests.support.access_keys import Key, new_key
from tests.support.control_plane import ControlPlane, running_control_plane

MESH = "edited"
NODE = f"meshes/{MESH}/resource/virtualNode/a"
LISTENER = {"portMapping": {"port": 8080, "protocol": "http"}}


def spec_of(hostname: str, port: int = 8080) -> dict[str, Any]:
    listener = {"portMapping": {"port": port, "protocol": "http"}}
    return {"listeners": [listener], "serviceDiscovery": {"dns": {"hostname": hostname}}}


def stored(client: Any) -> tuple[str, int]:
    """The host name and the port of the node, as they are stored."""
    spec = client.describe_virtual_node(meshName=MESH, virtualNodeName="a")["virtualNode"]["spec"]
    return spec["serviceDiscovery"]["dns"]["hostname"], spec["listeners"][0]["portMapping"]["port"]


def begun(page: Page) -> Locator:
    """An edit of the host name that is not saved yet."""
    field = page.get_by_label("hostname", exact=True)
    field.fill("mine.local")
    return field


def saved(page: Page) -> None:
    page.get_by_role("button", name="Review change").click()
    page.get_by_role("dialog", name="Change a").get_by_role("button", name="Save").click()
    expect(page.get_by_role("region", name="Spec")).to_contain_text("mine.local")


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with running_control_plane(tmp_path_factory.mktemp("plane")) as found:
        found.client().create_mesh(meshName=MESH)
        found.client().create_virtual_node(meshName=MESH, virtualNodeName="a", spec=spec_of("a.local"))
        yield found


@pytest.fixture
def client(plane: ControlPlane) -> Any:
    """Another person; what is edited stands as it did at first."""
    found = plane.client()
    found.update_virtual_node(meshName=MESH, virtualNodeName="a", spec=spec_of("a.local"))
    return found


def test_what_others_change_meanwhile_is_shown_and_both_changes_go_together(
    plane: ControlPlane, client: Any, opened: Open, picture: Callable[[Page, str], None]
) -> None:
    page = opened(f"{plane.url}/console/{NODE}?tab=edit")
    field = begun(page)
    client.update_virtual_node(meshName=MESH, virtualNodeName="a", spec=spec_of("a.local", 9090))
    told = page.get_by_role("alert", name="Changed meanwhile")
    expect(told).to_contain_text("+    port: 9090")
    expect(field).to_have_value("mine.local")
    expect(page.get_by_role("button", name="Review change")).to_be_disabled()
    picture(page, "changed-meanwhile")
    told.get_by_role("button", name="Go on with both changes").click()
    saved(page)
    assert stored(client) == ("mine.local", 9090)


def test_who_has_not_heard_of_a_change_does_not_overwrite_it(
    plane: ControlPlane, client: Any, opened: Open
) -> None:
    page = opened("about:blank", excused="ERR_FAILED|409")
    page.route("**/gossamer/v1/events*", lambda route: route.abort())
    page.goto(f"{plane.url}/console/{NODE}?tab=edit")
    begun(page)
    client.update_virtual_node(meshName=MESH, virtualNodeName="a", spec=spec_of("theirs.local"))
    page.get_by_role("button", name="Review change").click()
    told = page.get_by_role("alert", name="Changed meanwhile")
    expect(told).to_contain_text("Both of you changed spec.serviceDiscovery.dns.hostname")
    assert stored(client) == ("theirs.local", 8080)
    told.get_by_role("button", name="Drop mine, take theirs").click()
    expect(page.get_by_label("hostname", exact=True)).to_have_value("theirs.local")


def test_what_was_reviewed_is_removed_and_rolled_back_only_as_it_was_reviewed(
    plane: ControlPlane, client: Any, opened: Open
) -> None:
    page = opened(f"{plane.url}/console/{NODE}", excused="409")
    doing = (("", "Delete", "Delete", 8081), ("?tab=history", "Roll back to this", "Roll back", 8082))
    for tab, ask, does, port in doing:
        client.update_virtual_node(meshName=MESH, virtualNodeName="a", spec=spec_of("a.local"))
        page.goto(f"{plane.url}/console/{NODE}{tab}")
        page.get_by_role("button", name=ask).first.click()
        dialog = page.get_by_role("dialog")
        confirm = dialog.get_by_role("button", name=does)
        expect(confirm).to_be_enabled()
        client.update_virtual_node(meshName=MESH, virtualNodeName="a", spec=spec_of("theirs.local", port))
        confirm.click()
        expect(dialog.get_by_role("alert")).to_contain_text("was changed after it was read: version")
        expect(dialog).to_contain_text(f"port: {port}")
        assert stored(client) == ("theirs.local", port)


def test_a_name_that_is_taken_is_refused_at_the_name(plane: ControlPlane, client: Any, opened: Open) -> None:
    page = opened(f"{plane.url}/console/meshes/{MESH}/new/virtualNode", excused="409")
    page.get_by_label("Name", exact=True).fill("a")
    page.get_by_role("button", name="Review change").click()
    expect(page.locator("#name-why")).to_contain_text("already exists")
    assert stored(client) == ("a.local", 8080)


def test_what_is_written_outlives_a_look_at_another_page(
    plane: ControlPlane, client: Any, opened: Open
) -> None:
    page = opened(f"{plane.url}/console/{NODE}?tab=edit")
    begun(page)
    page.get_by_role("link", name="History").last.click()
    page.get_by_role("button", name="Diff of revision").first.wait_for()
    page.get_by_role("link", name="Edit (not saved)").click()
    expect(page.get_by_label("hostname", exact=True)).to_have_value("mine.local")
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_role("link", name="Edit", exact=True)).to_be_visible()
    assert stored(client)[0] == "a.local"


def signed_in(page: Page, key: Key) -> None:
    page.get_by_label("Access key ID").fill(key.id)
    page.get_by_label("Secret access key").fill(key.secret)
    page.get_by_role("button", name="Sign in").click()


def test_a_session_that_ends_leaves_what_was_written(
    tmp_path: Path, opened: Open, picture: Callable[[Page, str], None]
) -> None:
    key = new_key(tmp_path / "data", "AWSAppMeshFullAccess")
    with running_control_plane(tmp_path) as plane:
        client = key.client(plane.url)
        client.create_mesh(meshName=MESH)
        client.create_virtual_node(meshName=MESH, virtualNodeName="a", spec=spec_of("a.local"))
        page = opened(f"{plane.url}/console/{NODE}?tab=edit", excused="40[13]")
        signed_in(page, key)
        field = begun(page)
        (cookie,) = page.context.cookies()
        page.context.add_cookies([{**cookie, "value": "over"}])  # type: ignore[typeddict-item]  # as it was told
        page.get_by_role("button", name="Review change").click()
        again = page.get_by_role("dialog", name="Sign in again")
        expect(again).to_contain_text("The session has ended.")
        picture(page, "session-over")
        signed_in(page, key)
        expect(again).to_have_count(0)
        expect(field).to_have_value("mine.local")
        page.get_by_role("dialog", name="Change a").get_by_role("button", name="Save").click()
        expect(page.get_by_role("region", name="Spec")).to_contain_text("mine.local")
        assert stored(client)[0] == "mine.local"
        page.context.close()


def test_the_console_goes_on_when_the_server_starts_again(tmp_path: Path, opened: Open) -> None:
    with running_control_plane(tmp_path) as first:
        first.client().create_mesh(meshName=MESH)
        first.client().create_virtual_node(meshName=MESH, virtualNodeName="a", spec=spec_of("a.local"))
        page = opened(f"{first.url}/console/{NODE}?tab=edit", excused="ERR_")
        field = begun(page)
        expect(page.get_by_text("Live", exact=True)).to_be_visible()
        first.kill()
        expect(page.get_by_text("Connecting", exact=True)).to_be_visible()
    port = str(urlsplit(first.url).port)
    with running_control_plane(tmp_path, "--api-port", port) as second:
        expect(page.get_by_text("Live", exact=True)).to_be_visible()
        expect(field).to_have_value("mine.local")
        spec = spec_of("a.local", 9090)
        second.client().update_virtual_node(meshName=MESH, virtualNodeName="a", spec=spec)
        expect(page.get_by_role("alert", name="Changed meanwhile")).to_contain_text("9090")
        page.context.close()
