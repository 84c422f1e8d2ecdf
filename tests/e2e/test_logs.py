"""What is logged: every line a fact with a name, none of them a secret."""

import asyncio
import contextlib
import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import botocore.exceptions
import pytest

from tests.e2e.test_control_plane import MESH, NODE, fill, node_spec
from tests.support.access_keys import Key, gossamer, new_key
from tests.support.control_plane import ControlPlane, running_control_plane
from tests.support.envoy import eventually
from tests.support.light_proxy import light_proxies
from tests.support.streams import opened, signature

pytestmark = pytest.mark.e2e


def lines(directory: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (directory / "serve-0.log").read_text().splitlines()]


async def test_every_line_is_an_event_with_its_level_and_time_also_those_of_libraries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nobody listens there, so the exporter complains, by Python's own logging.
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")
    with running_control_plane(tmp_path) as plane:
        fill(plane.client())
        await eventually(lambda: has_event(tmp_path, "library_said"), "the exporter complains")
    told = lines(tmp_path)
    assert all({"event", "level", "timestamp"} <= line.keys() for line in told)
    (said, *_) = [line for line in told if line["event"] == "library_said"]
    assert said["logger"].startswith("opentelemetry")


async def has_event(directory: Path, event: str) -> bool:
    with contextlib.suppress(json.JSONDecodeError):  # the last line may not be whole yet
        return any(line["event"] == event for line in lines(directory))
    return False


async def test_no_secret_is_logged_in_a_busy_run_with_everything_told(tmp_path: Path) -> None:
    data = tmp_path / "data"
    admin, reader = new_key(data, "AWSAppMeshFullAccess"), new_key(data, "AWSAppMeshReadOnly")
    made = gossamer("ca", "create", "inside", data=data)
    assert made.returncode == 0, made.stderr
    with running_control_plane(tmp_path, "--log-level", "debug") as plane:
        await asyncio.to_thread(fill, admin.client(plane.url))
        await asyncio.to_thread(busy, plane, admin, reader)
        await stream(plane, admin)
    text = (tmp_path / "serve-0.log").read_text()
    assert '"proxy_connected"' in text
    assert '"stream_refused"' in text
    planted = {
        "an access key's secret": admin.secret,
        "another one": reader.secret,
        "a signature": "Signature=",
        "a token": "sentinel-token",
        "a cookie": "sentinel-cookie",
        "a request's body": "sentinel-body",
        "a private key": "PRIVATE KEY",
        "the key of secrets": (data / "gossamer.key").read_text().strip(),
    }
    assert [what for what, secret in planted.items() if secret in text] == []


def busy(plane: ControlPlane, admin: Key, reader: Key) -> None:
    """Calls that are answered, refused, wrong, and no calls at all."""
    client = admin.client(plane.url)
    for number in range(20):
        client.create_virtual_node(**MESH, virtualNodeName=f"n{number}", spec=node_spec(8080))
    with pytest.raises(botocore.exceptions.ClientError):
        reader.client(plane.url).delete_mesh(**MESH)
    with pytest.raises(botocore.exceptions.ClientError):
        Key(admin.id, "sentinel-token-as-secret").client(plane.url).list_meshes()
    with pytest.raises(botocore.exceptions.ClientError):
        client.tag_resource(resourceArn="sentinel-body", tags=[{"key": "k", "value": "sentinel-body"}])
    for path, body, headers in (
        ("/v20190125/meshes", b'{"meshName": "sentinel-body"', {"authorization": "Bearer sentinel-token"}),
        ("/gossamer/v1/proxies", None, {"cookie": "session=sentinel-cookie"}),
        ("/gossamer/v1/apply", b'{"documents": "sentinel-body"}', {"x-amz-security-token": "sentinel-token"}),
        ("/v20190125/nothing", b"sentinel-body", {}),
    ):
        request = urllib.request.Request(  # noqa: S310 - its own address
            plane.url + path, data=body, headers=headers, method="PUT" if body else "GET"
        )
        with contextlib.suppress(urllib.error.HTTPError):
            urllib.request.urlopen(request, timeout=60).close()  # noqa: S310


async def stream(plane: ControlPlane, admin: Key) -> None:
    """Proxies that are let in, and some that are not."""
    async with light_proxies(f"unix:{plane.socket}", NODE, 3):
        await eventually(lambda: _answers(plane), "they are served")
        for metadata in (
            (("authorization", "Bearer sentinel-token"),),
            (("x-amz-security-token", "sentinel-token"), *signature(admin, "elsewhere.test")),
            (),
        ):
            assert await opened(plane.xds, NODE, metadata) is not None


async def _answers(plane: ControlPlane) -> bool:
    return await has_event(plane.socket.parent, "proxy_connected")
