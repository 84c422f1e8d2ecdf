"""`gossamer ca` beside a running `gossamer serve`: noticed, kept, sealed, and never told to anybody else."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.control_plane import ControlPlane, running_control_plane
from tests.support.envoy import eventually, running_envoy
from tests.support.local_ca import LocalCa

pytestmark = pytest.mark.e2e

MESH = {"meshName": "shop"}


def ca(directory: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, as a person starts it."""
    command = [sys.executable, "-m", "gossamer.cli.main", "ca", *words, "--data-dir", str(directory / "data")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def new(directory: Path, *words: str) -> str:
    return LocalCa(directory / "data").run(*words)


def strict(arn: str) -> dict[str, Any]:
    tls = {"mode": "STRICT", "certificate": {"acm": {"certificateArn": arn}}}
    return {
        "listeners": [{"portMapping": {"port": 8080, "protocol": "http"}, "tls": tls}],
        "serviceDiscovery": {"dns": {"hostname": "blue.test"}},
    }


def problems(plane: ControlPlane) -> list[str]:
    return [one["why"] for one in plane.get("/gossamer/v1/meshes/shop/problems")["problems"]]


async def test_a_command_beside_a_server_is_noticed_and_its_keys_go_to_the_proxy_alone(
    tmp_path: Path,
) -> None:
    with running_control_plane(tmp_path) as plane:
        new(tmp_path, "create", "shop")
        arn = new(tmp_path, "issue", "blue.test")
        client = plane.client()
        client.create_mesh(**MESH)
        client.create_virtual_node(**MESH, virtualNodeName="blue", spec=strict(arn))
        with running_envoy("mesh/shop/virtualNode/blue", plane.socket, tmp_path) as envoy:
            await eventually(plane.is_in_sync, "in sync")
            await eventually(lambda: _shows(envoy, "blue.test"), "the certificate in Envoy")
            refused = ca(tmp_path, "delete", arn)
            assert "is in use by shop/virtualNode/blue (--force deletes it)" in refused.stderr
            new(tmp_path, "delete", arn, "--force")
            await eventually(lambda: _told(plane, f"nobody knows certificate {arn}"), "the problem")
            listed = new(tmp_path, "list", "--output", "json")
            told = (plane.get("/gossamer/v1/proxies"), problems(plane), listed)
    assert "PRIVATE KEY" not in str(told)
    written = [*tmp_path.glob("serve-*.log"), *(tmp_path / "data").glob("gossamer.db*")]
    assert len(written) >= 2
    assert not [path for path in written if b"PRIVATE KEY" in path.read_bytes()]


async def test_certificates_are_there_again_after_a_restart(tmp_path: Path) -> None:
    with running_control_plane(tmp_path) as plane:
        new(tmp_path, "create", "shop")
        arn = new(tmp_path, "issue", "blue.test")
        plane.client().create_mesh(**MESH)
        plane.client().create_virtual_node(**MESH, virtualNodeName="blue", spec=strict(arn))
        plane.kill()
    with running_control_plane(tmp_path) as again:
        assert problems(again) == []


async def _shows(envoy: Any, name: str) -> bool:
    return name in await envoy.get("/certs")


async def _told(plane: ControlPlane, words: str) -> bool:
    return any(words in why for why in problems(plane))
