"""Forms that know the model: every kind with every member, created, edited and read back."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import expect

from gossamer.model.kind import Kind
from tests.browser.conftest import Open
from tests.support.control_plane import ControlPlane, running_control_plane
from tests.support.full_specs import FULL

MESH = "full"

#: What every field of the form holds.
FIELDS: Final = """[...document.querySelectorAll(".control input:not([type=checkbox]), .control select")]
  .map((one) => one.value)"""

#: The resource of each kind that has every member.
NAMES: Final = {
    Kind.VIRTUAL_NODE: "virtualNode/b",
    Kind.VIRTUAL_ROUTER: "virtualRouter/r",
    Kind.ROUTE: "virtualRouter/r/route/x",
    Kind.VIRTUAL_SERVICE: "virtualService/b.local",
    Kind.VIRTUAL_GATEWAY: "virtualGateway/g",
    Kind.GATEWAY_ROUTE: "virtualGateway/g/gatewayRoute/y",
}


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with running_control_plane(tmp_path_factory.mktemp("plane")) as found:
        client = found.client()
        client.create_mesh(meshName=MESH, spec=FULL[Kind.MESH])
        listener = {"portMapping": {"port": 8080, "protocol": "http"}}
        node = {"listeners": [listener], "serviceDiscovery": {"dns": {"hostname": "a.local"}}}
        client.create_virtual_node(meshName=MESH, virtualNodeName="a", spec=node)
        yield found


def test_a_virtual_node_is_created_in_the_form(plane: ControlPlane, opened: Open) -> None:
    page = opened(f"{plane.url}/console/meshes/{MESH}/new/virtualNode")
    page.get_by_label("Name", exact=True).fill("made")
    page.get_by_role("button", name="listeners", exact=True).click()
    page.get_by_role("button", name="Add to listeners").click()
    page.get_by_label("port", exact=True).fill("8080")
    page.get_by_label("protocol", exact=True).select_option("http2")
    page.get_by_role("button", name="serviceDiscovery", exact=True).click()
    page.get_by_label("one of").select_option("dns")
    page.get_by_label("hostname", exact=True).fill("made.local")
    page.get_by_role("button", name="Review change").click()
    page.get_by_role("dialog").get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", level=1, name="made")).to_be_visible()
    spec = plane.client().describe_virtual_node(meshName=MESH, virtualNodeName="made")["virtualNode"]["spec"]
    assert spec["listeners"] == [{"portMapping": {"port": 8080, "protocol": "http2"}}]
    assert spec["serviceDiscovery"]["dns"]["hostname"] == "made.local"


@pytest.fixture(scope="module")
def full(plane: ControlPlane) -> ControlPlane:
    """Everything that the API has, written at once."""
    about = {"meshName": MESH}
    documents = [
        {"kind": "virtualNode", **about, "virtualNodeName": "b", "spec": FULL[Kind.VIRTUAL_NODE]},
        {"kind": "virtualRouter", **about, "virtualRouterName": "r", "spec": FULL[Kind.VIRTUAL_ROUTER]},
        {"kind": "route", **about, "virtualRouterName": "r", "routeName": "x", "spec": FULL[Kind.ROUTE]},
        {
            "kind": "virtualService",
            **about,
            "virtualServiceName": "b.local",
            "spec": FULL[Kind.VIRTUAL_SERVICE],
        },
        *(
            {"kind": "virtualService", **about, "virtualServiceName": name, "spec": {}}
            for name in ("c.local", "d.local")
        ),
        {"kind": "virtualGateway", **about, "virtualGatewayName": "g", "spec": FULL[Kind.VIRTUAL_GATEWAY]},
        {
            "kind": "gatewayRoute",
            **about,
            "virtualGatewayName": "g",
            "gatewayRouteName": "y",
            "spec": FULL[Kind.GATEWAY_ROUTE],
        },
    ]
    body = json.dumps({"documents": documents}).encode()
    request = urllib.request.Request(f"{plane.url}/gossamer/v1/apply", body, method="POST")  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - its own address
            assert answer.status == 200
    except urllib.error.HTTPError as error:
        raise AssertionError(error.read().decode()) from None
    return plane


def test_the_only_router_there_is_takes_the_new_route(full: ControlPlane, opened: Open) -> None:
    page = opened(f"{full.url}/console/meshes/{MESH}/new/route")
    expect(page.get_by_label("Virtual router name")).to_have_value("r")


def leaves(value: object) -> Iterator[str]:
    """Every scalar of a spec, as a field shows it; a box that is ticked or not is no text."""
    if isinstance(value, dict):
        for one in value.values():
            yield from leaves(one)
    elif isinstance(value, list):
        for one in value:
            yield from leaves(one)
    elif not isinstance(value, bool):
        yield str(value)


@pytest.mark.parametrize("kind", NAMES, ids=lambda kind: kind.value)
def test_the_form_has_a_field_for_every_member(full: ControlPlane, opened: Open, kind: Kind) -> None:
    page = opened(f"{full.url}/console/meshes/{MESH}/resource/{NAMES[kind]}?tab=edit")
    page.get_by_role("button", name="JSON", exact=True).wait_for()
    shown = page.evaluate(FIELDS)
    page.get_by_role("button", name="JSON", exact=True).click()
    spec = json.loads(page.get_by_label("The spec as JSON").input_value())
    assert sorted(shown) == sorted(leaves(spec))
    assert {*leaves(FULL[kind])} <= {*leaves(spec)}


def test_what_is_written_as_json_is_what_the_form_shows(plane: ControlPlane, opened: Open) -> None:
    page = opened(f"{plane.url}/console/meshes/{MESH}/resource/virtualNode/a?tab=edit")
    page.get_by_role("button", name="JSON", exact=True).click()
    text = page.get_by_label("The spec as JSON")
    text.fill('{"listeners": [')
    expect(text).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("button", name="Review change")).to_be_disabled()
    text.fill('{"listeners": [{"portMapping": {"port": 9, "protocol": "tcp"}}]}')
    page.get_by_role("button", name="Form", exact=True).click()
    expect(page.get_by_label("port", exact=True)).to_have_value("9")
    expect(page.get_by_label("protocol", exact=True)).to_have_value("tcp")


def test_a_wrong_name_is_refused_at_the_name(plane: ControlPlane, opened: Open) -> None:
    page = opened(f"{plane.url}/console/meshes/{MESH}/new/virtualRouter", excused="400")
    page.get_by_label("Name", exact=True).fill("no spaces")
    page.get_by_role("button", name="Review change").click()
    expect(page.get_by_label("Name", exact=True)).to_have_attribute("aria-invalid", "true")


def test_deleting_what_is_used_is_refused_with_the_reason(plane: ControlPlane, opened: Open) -> None:
    plane.client().create_virtual_service(
        meshName=MESH,
        virtualServiceName="a.local",
        spec={"provider": {"virtualNode": {"virtualNodeName": "a"}}},
    )
    page = opened(f"{plane.url}/console/meshes/{MESH}/resource/virtualNode/a", excused="409")
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text(
        "VirtualNode with name a cannot be deleted because"
    )
    expect(page.get_by_role("dialog").get_by_role("button", name="Delete")).to_be_disabled()
