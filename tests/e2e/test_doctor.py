"""`gossamer doctor` beside real agents and control planes, well and unwell."""

import contextlib
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gossamer.clock import SystemClock
from tests.support.access_keys import allowing, new_key
from tests.support.agent_process import agent_process, eventually
from tests.support.control_plane import ControlPlane, running_control_plane
from tests.support.network_namespace import network_namespace
from tests.support.pki import Authority

pytestmark = pytest.mark.e2e

NODE = "mesh/shop/virtualNode/front"
PROGRAM = (sys.executable, "-c", "from gossamer.cli.entry import main; main()", "doctor")


def examined(environ: dict[str, str], within: tuple[str, ...] = ()) -> dict[str, dict[str, str]]:
    """What is said of each thing; the exit code says whether something keeps the proxy from working."""
    defaults = {"PATH": os.environ["PATH"], "APPMESH_RESOURCE_ARN": NODE, "ENVOY_ADMIN_ACCESS_PORT": "1"}
    done = subprocess.run(
        [*within, *PROGRAM, "-o", "json"],
        env=defaults | environ, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.stdout, done.stderr
    checks = json.loads(done.stdout)["checks"]
    assert done.returncode == any(one["verdict"] == "fail" for one in checks)
    assert all(one["verdict"] == "ok" or one["todo"] for one in checks)
    return {one["name"]: one for one in checks}


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with running_control_plane(tmp_path_factory.mktemp("doctor")) as plane:
        client: Any = plane.client()
        client.create_mesh(meshName="shop")
        client.create_virtual_node(meshName="shop", virtualNodeName="front", spec={})
        yield plane


def test_a_proxy_that_is_well_has_no_failure(plane: ControlPlane, tmp_path: Path) -> None:
    environ = {"APPMESH_RESOURCE_ARN": NODE, "APPMESH_XDS_ENDPOINT": f"unix://{plane.socket}"}
    # In a network of its own, as the proxy's ports are fixed.
    own = environ | {"ENVOY_ADMIN_ACCESS_PORT": "9901"}
    with network_namespace() as network, agent_process(tmp_path, own, within=network.within) as agent:
        found = eventually(lambda: _well(own, network.within), within_s=60)
        assert found, agent.output
    assert found["agent"]["said"].startswith("Envoy 1.40")
    assert found["state"]["said"] == "LIVE: Envoy takes traffic"
    assert found["stream"]["said"] == "Envoy's stream to the control plane is open"
    assert found["ports"]["said"] == "the proxy has its ports"
    assert found["update"]["verdict"] == "ok"
    assert found["interception"]["verdict"] == "warn"


def _well(environ: dict[str, str], within: tuple[str, ...]) -> dict[str, dict[str, str]]:
    found = examined(environ, within)
    return found if all(one["verdict"] != "fail" for one in found.values()) else {}


def test_a_proxy_of_a_node_that_is_not_there_is_told_the_control_planes_words(plane: ControlPlane) -> None:
    environ = {
        "APPMESH_RESOURCE_ARN": "mesh/shop/virtualNode/frond",
        "APPMESH_XDS_ENDPOINT": f"unix://{plane.socket}",
    }
    found = examined(environ)
    assert found["stream"]["verdict"] == "fail"
    assert (
        found["stream"]["said"]
        == "closed with 3: there is no mesh/shop/virtualNode/frond in account 000000000000"
    )
    assert "nobody answers at 127.0.0.1:1" in found["agent"]["said"]


def test_a_proxy_without_or_with_the_wrong_credentials_is_told_so(tmp_path: Path) -> None:
    data = tmp_path / "data"
    new_key(data, "AWSAppMeshFullAccess")
    reader = new_key(data, allowing("appmesh:ListMeshes"), name="reader")
    with running_control_plane(tmp_path) as plane:
        environ = {"APPMESH_XDS_ENDPOINT": plane.xds}
        assert examined(environ)["stream"]["said"].startswith("closed with 16: ")
        keys = {
            "AWS_ACCESS_KEY_ID": reader.id,
            "AWS_SECRET_ACCESS_KEY": reader.secret,
            "AWS_REGION": "us-west-2",
        }
        found = examined(environ | keys)["stream"]
    assert found["said"].startswith("closed with 7: ")
    assert "appmesh:StreamAggregatedResources" in found["todo"]


def test_a_control_plane_that_is_down_is_told_from_a_name_that_is_wrong() -> None:
    down = examined({"APPMESH_XDS_ENDPOINT": "127.0.0.1:1"})
    assert down["control plane"]["said"].startswith("127.0.0.1:1 takes no connection")
    assert "stream" not in down
    unknown = examined({"APPMESH_XDS_ENDPOINT": "nowhere.invalid:18000"})
    assert unknown["name"]["said"].startswith("nowhere.invalid has no address")
    gone = examined({"APPMESH_XDS_ENDPOINT": "unix:///nowhere/xds.sock"})
    assert gone["control plane"]["said"].startswith("the socket /nowhere/xds.sock cannot be connected to")


def test_an_expired_certificate_of_the_control_plane_is_told(tmp_path: Path) -> None:
    authority = Authority("root")
    ca = tmp_path / "ca.pem"
    ca.write_text(authority.root)
    pair = authority.issue("localhost", until=SystemClock().now() - timedelta(days=1))
    with tls_server(*pair.written(tmp_path, "old")) as port:
        found = examined({"APPMESH_XDS_ENDPOINT": f"localhost:{port}", "GOSSAMER_XDS_CA_FILE": str(ca)})
    assert found["tls"]["said"] == "its certificate is refused: certificate has expired"
    assert found["tls"]["todo"].startswith("Renew the control plane's certificate")


@contextlib.contextmanager
def tls_server(certificate: str, key: str) -> Iterator[int]:
    """Shakes hands with whoever comes, and says nothing."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    accepted, _ = listening.accept()
                    with (
                        accepted,
                        contextlib.suppress(OSError),
                        context.wrap_socket(accepted, server_side=True) as secure,
                    ):
                        secure.recv(1)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
    thread.join(10)


def test_variables_that_contradict_each_other_end_it() -> None:
    found = examined({"APPMESH_RESOURCE_ARN": "virtualNode/front"})
    assert found.keys() == {"variables"}
    assert "names no virtual node" in found["variables"]["said"]
    assert examined({"ENVOY_ADMIN_ACCESS_PORT": "x"})["variables"]["verdict"] == "warn"


def test_a_port_that_somebody_else_has_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        environ = {"ENVOY_ADMIN_ACCESS_PORT": str(port), "APPMESH_XDS_ENDPOINT": "127.0.0.1:1"}
        found = examined(environ)
    assert found["ports"]["verdict"] == "fail"
    assert f"{port} (Envoy's admin interface)" in found["ports"]["said"]


def test_a_run_directory_and_an_envoy_that_are_not_there_are_told(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    found = examined(
        {
            "GOSSAMER_RUN_DIR": str(blocked / "run"),
            "GOSSAMER_ENVOY_PATH": str(tmp_path / "envoy"),
            "APPMESH_XDS_ENDPOINT": "127.0.0.1:1",
        }
    )
    assert "cannot be written" in found["run directory"]["said"]
    assert found["envoy"]["verdict"] == "fail"


def test_people_read_a_line_for_each_thing_and_what_to_do_below() -> None:
    environ = {
        "PATH": os.environ["PATH"],
        "APPMESH_RESOURCE_ARN": NODE,
        "APPMESH_XDS_ENDPOINT": "127.0.0.1:1",
    }
    done = subprocess.run(PROGRAM, env=environ, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 1
    assert f"✓ variables     this proxy is {NODE}\n" in done.stdout
    assert "\n                Start `gossamer serve` there" in done.stdout
