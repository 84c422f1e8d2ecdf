"""`gossamer analyze` and offline `gossamer explain`, on files and against a real control plane."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.control_plane import ControlPlane, running_control_plane
from tests.support.starting import run

pytestmark = pytest.mark.e2e

LISTENERS = [{"portMapping": {"port": 80, "protocol": "http"}}]
NODE = {"listeners": LISTENERS, "serviceDiscovery": {"dns": {"hostname": "v.local"}}}
BACKENDS = [{"virtualService": {"virtualServiceName": "s.local"}}]
POLICY = {"maxRetries": 9, "perRetryTimeout": {"unit": "s", "value": 5}, "httpRetryEvents": ["server-error"]}
ROUTE = {
    "httpRoute": {
        "match": {"prefix": "/"},
        "action": {"weightedTargets": [{"virtualNode": "v", "weight": 1}]},
        "retryPolicy": POLICY,
    }
}


def documents() -> list[dict[str, Any]]:
    """A small mesh whose one route tries for longer than it may."""
    shop = {"meshName": "shop"}
    provider = {"virtualRouter": {"virtualRouterName": "r"}}
    return [
        {"kind": "virtualNode", **shop, "virtualNodeName": "v", "spec": NODE},
        {"kind": "virtualNode", **shop, "virtualNodeName": "front", "spec": {"backends": BACKENDS}},
        {"kind": "virtualRouter", **shop, "virtualRouterName": "r", "spec": {"listeners": LISTENERS}},
        {"kind": "route", **shop, "virtualRouterName": "r", "routeName": "x", "spec": ROUTE},
        {"kind": "virtualService", **shop, "virtualServiceName": "s.local", "spec": {"provider": provider}},
    ]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    written = tmp_path / "shop.yaml"
    written.write_text(yaml.safe_dump_all(documents()))
    return written


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with running_control_plane(tmp_path_factory.mktemp("analyze")) as plane:
        client: Any = plane.client()
        client.create_mesh(meshName="shop")
        make = {
            "virtualNode": client.create_virtual_node,
            "virtualRouter": client.create_virtual_router,
            "route": client.create_route,
            "virtualService": client.create_virtual_service,
        }
        for one in documents():
            make[one.pop("kind")](**one)
        yield plane


def gossamer(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return run(arguments, os.environ, given=given)


def rules(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [one["rule"] for one in json.loads(done.stdout)["findings"]]


def test_files_and_the_server_tell_the_same(file: Path, plane: ControlPlane) -> None:
    offline = gossamer("analyze", "-f", str(file), "-o", "json")
    live = gossamer("analyze", "--mesh", "shop", "--endpoint-url", plane.url, "-o", "json")
    assert rules(offline) == ["timeout-below-retries", "no-backends"]
    assert json.loads(offline.stdout) == json.loads(live.stdout)


def test_the_exit_code_tells_of_what_is_as_bad_as_is_asked_about(file: Path) -> None:
    assert gossamer("analyze", "-f", str(file)).returncode == 0
    assert gossamer("analyze", "-f", str(file), "--fail-on", "warning").returncode == 3
    assert gossamer("analyze", "-f", str(file), "--fail-on", "never").returncode == 0


def test_a_table_says_what_to_do(file: Path) -> None:
    said = gossamer("analyze", "-f", str(file)).stdout
    assert (
        "warning shop/virtualRouter/r/route/x  10 tries of 5s are 50s, and the whole request may take 15s"
        in said
    )
    assert "Raise timeout.perRequest to perRetryTimeout times (maxRetries + 1), or lower either." in said
    assert said.endswith("0 errors, 1 warnings, 1 notes\n")


def test_documents_come_from_the_standard_input_too_as_json_lists() -> None:
    assert rules(gossamer("analyze", "-f", "-", "-o", "json", given=json.dumps(documents())))[:1] == [
        "timeout-below-retries"
    ]


def test_what_cannot_be_read_is_told_with_its_place(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text(
        yaml.safe_dump_all([documents()[1], {"kind": "route", "meshName": "shop", "routeName": "x"}])
    )
    done = gossamer("analyze", "-f", str(broken))
    assert done.returncode == 2
    assert "broken.yaml:" in done.stderr
    assert "virtualRouterName: is required" in done.stderr
    assert "cannot read" in gossamer("analyze", "-f", str(tmp_path / "none")).stderr.lower()


def test_a_request_is_explained_from_files_without_a_server(file: Path) -> None:
    done = gossamer(
        "explain", "--mesh", "shop", "--from", "front", "GET", "http://s.local/x", "-f", str(file)
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("Goes to shop/virtualNode/v port 80 (100 %).\n")
    none = gossamer("explain", "--mesh", "none", "--from", "front", "GET", "http://s.local", "-f", str(file))
    assert (none.returncode, "there is no resource of mesh none in it" in none.stderr) == (2, True)
