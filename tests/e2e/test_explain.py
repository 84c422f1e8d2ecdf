"""`gossamer explain` and its route, against a real control plane with keys."""

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from gossamer.cli.control_plane import NotAnswered
from tests.support.access_keys import Key, allowing, new_key
from tests.support.control_plane import ControlPlane, running_control_plane
from tests.support.own_routes import fetched, posted
from tests.support.starting import run

pytestmark = pytest.mark.e2e

LISTENERS = [{"portMapping": {"port": 80, "protocol": "http"}}]
ASKED = {"from": "front", "method": "GET", "url": "http://s.local/"}


@dataclass
class Shop:
    """A server with a mesh, somebody who may only read, and somebody who may nothing."""

    plane: ControlPlane
    owner: Key
    reader: Key
    nobody: Key

    def post(self, body: object, mesh: str = "shop", key: Key | None = None) -> Any:
        return posted(f"{self.plane.url}/gossamer/v1/meshes/{mesh}/explain", body, key or self.reader)

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environ = os.environ | {
            "AWS_ACCESS_KEY_ID": self.reader.id,
            "AWS_SECRET_ACCESS_KEY": self.reader.secret,
        }
        return run(["explain", *arguments, "--mesh", "shop", "--endpoint-url", self.plane.url], environ)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    data = tmp_path_factory.mktemp("explain") / "data"
    owner = new_key(data, "AWSAppMeshFullAccess")
    reader = new_key(data, allowing("gossamer:Read"), name="reader")
    nobody = new_key(data, allowing("appmesh:ListMeshes"), name="nobody")
    with running_control_plane(data.parent, "--flat-gateways") as plane:
        client = owner.client(plane.url)
        client.create_mesh(meshName="shop")
        node = {"listeners": LISTENERS, "serviceDiscovery": {"dns": {"hostname": "v.local"}}}
        client.create_virtual_node(meshName="shop", virtualNodeName="v", spec=node)
        client.create_virtual_router(meshName="shop", virtualRouterName="r", spec={"listeners": LISTENERS})
        action = {"weightedTargets": [{"virtualNode": "v", "weight": 1}]}
        route = {"httpRoute": {"match": {"prefix": "/a"}, "action": action}}
        client.create_route(meshName="shop", virtualRouterName="r", routeName="x", spec=route)
        provider = {"provider": {"virtualRouter": {"virtualRouterName": "r"}}}
        client.create_virtual_service(meshName="shop", virtualServiceName="s.local", spec=provider)
        backends = [{"virtualService": {"virtualServiceName": "s.local"}}]
        client.create_virtual_node(meshName="shop", virtualNodeName="front", spec={"backends": backends})
        client.create_virtual_gateway(meshName="shop", virtualGatewayName="g", spec={"listeners": LISTENERS})
        onward = {"target": {"virtualService": {"virtualServiceName": "s.local"}}}
        way = {"httpRoute": {"match": {"prefix": "/"}, "action": onward}}
        client.create_gateway_route(meshName="shop", virtualGatewayName="g", gatewayRouteName="all", spec=way)
        yield Shop(plane, owner, reader, nobody)


def test_a_request_is_explained_to_whoever_may_read(shop: Shop) -> None:
    found = shop.post(
        {**ASKED, "url": "http://s.local/a", "headers": {"x-a": ["1", "2"]}, "protocol": "http2"}
    )
    assert found["result"]["route"] == "shop/virtualRouter/r/route/x"
    assert found["result"]["targets"] == [
        {"resource": "shop/virtualNode/v", "weight": 1, "cluster": "cds_egress_shop_v_http_80", "port": 80}
    ]
    with pytest.raises(NotAnswered, match="not authorized to perform: gossamer:Read"):
        shop.post(ASKED, key=shop.nobody)


def test_a_gateway_is_explained_as_the_server_has_its_proxies_do_it(shop: Shop) -> None:
    done = shop.command("--from", "virtualGateway/g", "GET", "http://example.com/a")
    assert done.returncode == 0, done.stderr
    assert "goes straight on to the route's targets, in one step (--flat-gateways)" in done.stdout
    assert done.stdout.endswith("Goes to shop/virtualNode/v port 80 (100 %).\n")


def test_what_is_asked_wrongly_is_refused_with_every_member(shop: Shop) -> None:
    with pytest.raises(NotAnswered) as caught:
        shop.post({"from": "", "url": 1, "headers": {"x-a": 1}, "colour": "red"})
    for told in (
        "colour: is no member: there are from, method, url, headers, protocol",
        "from: is required, as a text",
        "method: is required, as a text",
        "url: is required, as a text",
        "headers.x-a: must be a text, or a list of texts",
    ):
        assert told in str(caught.value)
    nothings: tuple[object, ...] = ([], "x", None)
    for body in nothings:
        with pytest.raises(NotAnswered, match="the body must be a JSON object"):
            shop.post(body)
    with pytest.raises(
        NotAnswered, match="from: must be a virtualNode or virtualGateway: frond does not exist"
    ):
        shop.post({**ASKED, "from": "frond"})
    with pytest.raises(NotAnswered, match="Mesh with name none is not present"):
        shop.post(ASKED, mesh="none")


def test_explaining_is_reading_and_leaves_no_entry_in_the_audit_log(shop: Shop) -> None:
    shop.post(ASKED)
    url = f"{shop.plane.url}/gossamer/v1/audit"
    found = fetched(url, {"principal": "arn:aws:iam::000000000000:user/reader"}, shop.owner)
    assert found["events"] == []


def test_the_command_prints_every_step_and_where_it_ends(shop: Shop) -> None:
    done = shop.command("--from", "front", "GET", "http://s.local/a", "-H", "x-a: b")
    assert done.returncode == 0, done.stderr
    assert "virtualHost shop/virtualService/s.local  host s.local is this service's" in done.stdout
    assert done.stdout.endswith("Goes to shop/virtualNode/v port 80 (100 %).\n")


def test_the_command_says_by_its_exit_code_that_nobody_takes_the_request(shop: Shop) -> None:
    done = shop.command("--from", "front", "GET", "http://s.local/b", "-o", "json")
    assert done.returncode == 3
    assert json.loads(done.stdout)["result"]["status"] == 404
    assert shop.command("--from", "front", "GET", "http://s.local/b").stdout.endswith("itself answers 404.\n")
    closed = shop.command("--from", "front", "GET", "http://s.local:81/", "-o", "yaml")
    assert (closed.returncode, "closed: true" in closed.stdout) == (3, True)


def test_the_command_says_what_is_wrong_with_the_question(shop: Shop) -> None:
    done = shop.command("--from", "front", "GET", "s.local")
    assert done.returncode == 1
    assert "url: must be a whole URL" in done.stderr
    assert shop.command("--from", "front", "GET", "http://s", "-H", "x").stderr == (
        "gossamer explain: header 'x': must be `name: value`\n"
    )
