"""An AWS CLI and a boto3 that have dropped App Mesh speak it through our own description."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointProviderError, UnknownServiceError

from gossamer.cli.sdk import export
from tests.support.aws_tools import AwsCli, alone, without_app_mesh
from tests.support.control_plane import ControlPlane, running_control_plane
from tests.support.full_specs import FULL

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with running_control_plane(tmp_path_factory.mktemp("plane")) as found:
        yield found


@pytest.fixture
def users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    alone(monkeypatch, tmp_path)
    return without_app_mesh(monkeypatch, tmp_path)


def client(plane: ControlPlane, version: str = "2019-01-25") -> Any:
    return boto3.session.Session().client("appmesh", endpoint_url=plane.url, api_version=version)


def test_the_aws_cli_takes_our_description_and_runs_with_it(
    plane: ControlPlane, users: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cli = AwsCli(plane.url, capsys)
    with pytest.raises(SystemExit):
        cli.run("appmesh", "list-meshes")
    export(tmp_path / "sdk")
    model = tmp_path / "sdk" / "appmesh" / "2019-01-25" / "service-2.json"
    code, _, err = cli.run("configure", "add-model", "--service-model", f"file://{model}")
    assert (code, err) == (0, "")
    assert (users / "appmesh" / "2019-01-25" / "service-2.json").exists()
    assert cli.appmesh("create-mesh", "--mesh-name", "cli")["mesh"]["spec"] == {}
    spec = json.dumps({"listeners": [{"portMapping": {"port": 80, "protocol": "http"}}]})
    place = ("--mesh-name", "cli", "--virtual-router-name", "r")
    assert cli.appmesh("create-virtual-router", *place, "--spec", spec)["virtualRouter"][
        "spec"
    ] == json.loads(spec)
    assert [
        one["virtualRouterName"]
        for one in cli.appmesh("list-virtual-routers", "--mesh-name", "cli")["virtualRouters"]
    ] == ["r"]
    code, _, err = cli.run("appmesh", "delete-mesh", "--mesh-name", "cli")
    assert "ResourceInUseException" in err
    assert code != 0


def test_boto3_runs_with_our_description_alone(plane: ControlPlane, users: Path) -> None:
    with pytest.raises(UnknownServiceError):
        client(plane)
    export(users)
    found = client(plane)
    found.create_mesh(meshName="boto3")
    for name in ("b", "a"):
        spec = json.loads(
            json.dumps(next(spec for kind, spec in FULL.items() if kind.value == "virtualNode"))
        )
        created = found.create_virtual_node(meshName="boto3", virtualNodeName=name, spec=spec)["virtualNode"]
        assert created["spec"] == spec
        assert created["metadata"]["createdAt"].year > 2000
    pages = found.get_paginator("list_virtual_nodes").paginate(
        meshName="boto3", PaginationConfig={"PageSize": 1}
    )
    assert [one["virtualNodeName"] for page in pages for one in page["virtualNodes"]] == ["a", "b"]
    with pytest.raises(found.exceptions.ConflictException):
        found.create_mesh(meshName="boto3")
    with pytest.raises(found.exceptions.NotFoundException):
        found.describe_mesh(meshName="none")


def test_without_an_endpoint_our_description_says_what_to_do(users: Path) -> None:
    export(users)
    with pytest.raises(EndpointProviderError, match="AWS_ENDPOINT_URL_APP_MESH"):
        boto3.session.Session().client("appmesh").list_meshes()


def test_a_profile_that_asks_for_the_preview_gets_it(
    plane: ControlPlane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    alone(monkeypatch, tmp_path)
    (tmp_path / "config").write_text("[default]\napi_versions =\n  appmesh = 2018-10-01\n")
    cli = AwsCli(plane.url, capsys)
    assert "spec" not in cli.appmesh("create-mesh", "--mesh-name", "preview")["mesh"]
    place = ("--mesh-name", "preview", "--virtual-router-name", "r")
    spec = {"serviceNames": ["a.local"]}
    found = cli.appmesh("create-virtual-router", *place, "--spec", json.dumps(spec))["virtualRouter"]
    assert found["spec"] == spec
    assert client(plane).list_virtual_services(meshName="preview")["virtualServices"]


def test_boto3_speaks_the_preview_with_our_description_alone(plane: ControlPlane, users: Path) -> None:
    export(users)
    found = client(plane, "2018-10-01")
    found.create_mesh(meshName="preview-boto3")
    spec = {"backends": ["a.local"]}
    place = {"meshName": "preview-boto3", "virtualNodeName": "n"}
    assert found.create_virtual_node(**place, spec=spec)["virtualNode"]["spec"] == spec
