"""The reference page in a real browser, which reaches nothing but the control plane."""

import json
import re
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import Message
from pathlib import Path

import pytest

from gossamer.api.description.openapi import openapi
from gossamer.api.description.service import current
from tests.support.access_keys import new_key
from tests.support.control_plane import ControlPlane, running_control_plane

pytestmark = pytest.mark.e2e

DRIVER = Path(__file__).parents[1] / "support" / "try_out.mjs"
NODE = shutil.which("node")
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with running_control_plane(tmp_path_factory.mktemp("plane")) as found:
        yield found


def get(plane: ControlPlane, path: str) -> tuple[int, Message, bytes]:
    try:
        with urllib.request.urlopen(plane.url + path, timeout=30) as answer:  # noqa: S310 - its own address
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def test_the_document_is_served(plane: ControlPlane) -> None:
    status, headers, body = get(plane, "/openapi.json")
    assert (status, headers["content-type"]) == (200, "application/json")
    assert json.loads(body) == json.loads(json.dumps(openapi(current())))


def test_the_page_loads_only_what_this_server_has(plane: ControlPlane) -> None:
    _, headers, body = get(plane, "/docs")
    wanted = re.findall('(?:src|href)="([^"]+)"', body.decode())
    assert wanted
    for one in wanted:
        assert one == "data:," or get(plane, one)[0] == 200
    assert "default-src 'none'; script-src 'self';" in headers["content-security-policy"]


@pytest.mark.parametrize("name", ["redoc.js", "..%2F..%2Fpyproject.toml", "__init__.py"])
def test_no_other_file_of_the_package_is_served(plane: ControlPlane, name: str) -> None:
    assert get(plane, f"/docs/{name}")[0] == 404


@pytest.mark.skipif(NODE is None, reason="no Node.js on this machine")
def test_what_is_tried_out_is_signed_with_the_key_that_was_given(tmp_path: Path) -> None:
    key = new_key(tmp_path / "data", "AWSAppMeshFullAccess")
    with running_control_plane(tmp_path) as plane:
        script = tmp_path / "reference.js"
        script.write_bytes(get(plane, "/docs/reference.js")[2])
        command = (str(NODE), str(DRIVER), str(script), plane.url, f"{key.id}:{key.secret}")
        done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=True)
        assert get(plane, "/v20190125/meshes")[0] == 403
    assert done.stdout.split() == ["200", "200", "404"]


@pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine")
def test_the_page_shows_every_operation_in_a_browser(plane: ControlPlane, tmp_path: Path) -> None:
    command = [
        *(str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr"),
        *(
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            f"--user-data-dir={tmp_path / 'profile'}",
        ),
        *("--virtual-time-budget=20000", "--dump-dom", f"{plane.url}/docs"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=True)
    assert "CONSOLE" not in done.stderr, done.stderr
    for name in ("CreateMesh", "UpdateRoute", "ListGatewayRoutes"):
        assert f"-{name}" in done.stdout
