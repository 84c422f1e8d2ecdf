"""A mesh and its proxies looked at from a terminal."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from gossamer.cli.words import SPELLINGS, WrongUsage, kind_of
from gossamer.model.kind import Kind
from tests.support.control_plane import ControlPlane
from tests.support.documents import mesh, route, router, shop
from tests.support.light_proxy import LightProxy
from tests.support.terminal import Terminal


@pytest.mark.parametrize(
    "text", ["virtualNode", "VirtualNodes", "virtual-node", "vn", "AWS::AppMesh::VirtualNode"]
)
def test_a_kind_may_be_spelt_as_people_spell_it(text: str) -> None:
    assert kind_of(text) is Kind.VIRTUAL_NODE


def test_every_kind_has_spellings_of_its_own_and_a_mistyped_one_a_hint() -> None:
    assert set(SPELLINGS.values()) == set(Kind)
    with pytest.raises(
        WrongUsage, match=r"virtualrooter is no kind of resource: did you mean virtualrouter\?"
    ):
        kind_of("virtualrooter")


def test_resources_are_listed_with_what_people_look_for(terminal: Terminal) -> None:
    terminal.fine("apply", terminal.file("shop.yaml", *shop()))
    lines = terminal.fine("get", "routes").out.splitlines()
    assert lines[0].split() == ["RESOURCE", "VERSION", "UPDATED", "WHAT"]
    assert lines[1].startswith("orders/all")
    assert lines[1].rstrip().endswith("/ → v1 90, v2 10")
    assert terminal.fine("get", "vn", "-o", "name").out.split() == [
        "shop/virtualNode/front",
        "shop/virtualNode/v1",
        "shop/virtualNode/v2",
    ]


def test_a_name_that_is_not_there_is_told_with_what_was_meant(terminal: Terminal) -> None:
    terminal.fine("apply", terminal.file("shop.yaml", *shop()))
    done = terminal.run("get", "vn", "frnt")
    assert (done.code, done.err) == (
        2,
        "gossamer get: there is no virtualNode frnt in mesh shop: did you mean front?\n",
    )


def test_the_mesh_must_be_named_where_there_are_several(terminal: Terminal) -> None:
    assert terminal.run("get", "vn").err == "gossamer get: there is no mesh yet\n"
    terminal.fine("apply", terminal.file("two.yaml", mesh("one"), mesh("two")))
    done = terminal.run("get", "vn")
    assert (done.code, done.err) == (2, "gossamer get: --mesh says which of the meshes one, two is meant\n")
    assert terminal.fine("get", "vn", "--mesh", "one", "-o", "json").json == []
    done = terminal.run("get", "vn", "--mesh", "three")
    assert (done.code, done.err) == (
        1,
        "gossamer get: Mesh with name three is not present for account 000000000000\n",
    )


def test_a_route_that_two_routers_have_needs_its_router(terminal: Terminal) -> None:
    both = (route("a", "all", v=1), route("b", "all", v=1))
    terminal.fine("apply", terminal.file("two.yaml", mesh(), router("a"), router("b"), *both))
    done = terminal.run("describe", "route", "all")
    assert done.code == 2
    assert "--router says which is meant" in done.err
    text = terminal.fine("describe", "route", "all", "--router", "b").out
    assert text.startswith("resource: shop/virtualRouter/b/route/all\n")
    assert "problems:\n" in text
    assert "last changes:\n" in text


def test_nobody_answering_is_told_in_one_sentence(terminal: Terminal) -> None:
    done = terminal.run("get", "vn", "--endpoint-url", "http://127.0.0.1:9")
    assert done.code == 1
    assert done.err.startswith("gossamer get: nobody answers at http://127.0.0.1:9: Connection refused (")


def test_the_variable_of_the_aws_cli_says_where_the_control_plane_is(terminal: Terminal) -> None:
    terminal.variables = {"GOSSAMER_ENDPOINT_URL": "", "AWS_ENDPOINT_URL_APP_MESH": "http://127.0.0.1:9"}
    assert "nobody answers at http://127.0.0.1:9" in terminal.run("get", "vn").err
    terminal.variables = {}


def test_the_only_mesh_need_not_be_named_to_be_explained_and_analysed(terminal: Terminal) -> None:
    terminal.fine("apply", terminal.file("shop.yaml", *shop()))
    asked = ("GET", "http://nothing.local/", "-o", "json")
    assert terminal.run("explain", "--from", "front", *asked).code == 3
    served = terminal.run("analyze", "-o", "json").json
    assert terminal.run("analyze", "-m", "shop", "-o", "json").json == served
    assert terminal.run("analyze", terminal.file("shop.yaml", *shop()), "-o", "json").json == served
    done = terminal.run("analyze", terminal.file("twice.yaml", mesh(), mesh()))
    assert (done.code, "shop is named more than once" in done.err) == (2, True)


@pytest.fixture
async def front(plane: ControlPlane, terminal: Terminal) -> AsyncIterator[LightProxy]:
    """A proxy of `front` that is connected."""
    terminal.fine("apply", terminal.file("shop.yaml", *shop()))
    proxy = LightProxy(plane.xds, "mesh/shop/virtualNode/front")
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(proxy.run())
        while not (proxy.got and plane.proxies()):
            await asyncio.sleep(0.02)
        yield proxy
        running.cancel()


async def test_proxies_and_what_each_was_sent_are_shown(front: LightProxy, terminal: Terminal) -> None:
    while "in sync" not in (shown := terminal.fine("proxies").out):
        await asyncio.sleep(0.05)
    assert shown.splitlines()[1].startswith("shop/virtualNode/front")
    assert terminal.fine("proxies", "--mesh", "other", "-o", "json").json == []
    assert terminal.fine("proxies", "--check").code == 0
    shown = terminal.fine("config", "front").out
    assert "applied" in shown
    (cluster,) = terminal.fine(
        "config", "virtualNode/front", "-t", "cluster", "--name", "v1", "-o", "json"
    ).json
    assert cluster["config"]["name"] == cluster["name"]
    assert cluster["runningVersion"] == front.held[cluster["name"]]
    done = terminal.run("config", "frontt")
    assert (done.code, done.err) == (
        2,
        "gossamer config: no proxy of frontt is connected: did you mean front?\n",
    )


async def test_a_dry_run_names_what_the_connected_proxy_would_get(
    front: LightProxy, terminal: Terminal
) -> None:
    assert front.got
    done = terminal.fine(
        "apply", terminal.file("r.yaml", route("orders", "all", v1=1)), "--dry-run", "--diff"
    )
    assert "proxies of shop/virtualNode/front:\n" in done.out
    assert "  - cluster " in done.out
    assert "  ~ route " in done.out


def test_a_script_completes_commands_and_flags(terminal: Terminal) -> None:
    for shell in ("bash", "zsh", "fish"):
        assert "rollback" in terminal.fine("completion", shell).out
