"""The images that `make images` built start here, and serve the Getting Started.

Four machines on one wire: the control plane's, and one each for serviceA, serviceBv1 and serviceBv2. On each
of these the three containers of a task: the route manager runs to its end, then the sidecar, then the
application, which waits until the sidecar is healthy, as a task definition says it must.
"""

import contextlib
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest

from gossamer.demo.app import WARM_UP
from gossamer.demo.layout import MEMBERS, Member
from tests.support.agent_process import eventually
from tests.support.container import Container, Engine, engine
from tests.support.machine import Machine, machine

IMAGES = {name: f"localhost/gossamer/{name}" for name in ("control-plane", "sidecar", "route-manager")}
ANYWHERE = "0.0.0.0"  # noqa: S104 - of a network of the test's own
FIRST = "10.90.0.10"
VIRTUAL = "10.90.99.1"
#: Nobody collects here; without the libraries that traces need, it would not start.
TRACED = ("--otlp-endpoint", "http://10.90.0.2:4318")
EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "getting-started"
APP_UID = "1500"
FILES = {
    "serviceB-virtual-service.json": "create_virtual_service",
    "serviceB.simpleapp.local-virtual-service.json": "create_virtual_service",
    "serviceA.json": "create_virtual_node",
    "serviceBv1.json": "create_virtual_node",
    "serviceBv2.json": "create_virtual_node",
    "serviceB-router.json": "create_virtual_router",
    "serviceB-routes.json": "create_route",
}


@dataclass(frozen=True)
class Stage:
    """The machines and what runs on them."""

    engine: Engine
    plane: Container
    machines: dict[str, Machine]
    sidecars: dict[str, Container]
    applications: dict[str, Container]
    appmesh: Any

    def ask(self, url: str = f"http://{FIRST}:8080/") -> str:
        """What is answered to another machine; by default, by serviceA."""
        curl = ("curl", "--silent", "--max-time", "10", url)
        found = subprocess.run(
            [*self.machines["plane"].within, *curl], capture_output=True, text=True, check=False
        )
        return found.stdout.strip()


def on(one: Machine) -> tuple[str, ...]:
    """The options that put a container on a machine, with the names that everybody knows."""
    hosts = {member.host: address(index) for index, member in enumerate(MEMBERS)}
    hosts["serviceB.simpleapp.local"] = VIRTUAL
    named = (f"--add-host={name}:{where}" for name, where in hosts.items())
    # Nobody answers questions here: one for a family that the hosts do not have must fail at once.
    alone = ("--dns=127.0.0.1", "--dns-option=timeout:1", "--dns-option=attempts:1")
    return ("--network", f"ns:/proc/{one.pid}/ns/net", *alone, *named)


def address(index: int) -> str:
    return f"10.90.0.{index + 10}"


@pytest.fixture(scope="module")
def podman() -> Iterator[Engine]:
    with engine() as found:
        for image in IMAGES.values():
            assert found.has(image), f"{image} is missing: make images"
        yield found


@pytest.fixture(scope="module")
def stage(podman: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    data = tmp_path_factory.mktemp("data")
    os.chown(data, 10001, 10001)
    with contextlib.ExitStack() as stack:
        wire = stack.enter_context(machine("wire", "10.90.0.1", "fd90::1", None))
        home = stack.enter_context(machine("plane", "10.90.0.2", "fd90::2", wire))
        volume = ("--volume", f"{data}:/var/lib/gossamer")
        policy = ("--policy", "AWSAppMeshFullAccess", "--policy", "AWSAppMeshEnvoyAccess")
        made = podman.run(
            IMAGES["control-plane"],
            "keys",
            "create",
            *policy,
            "--output",
            "json",
            options=(*volume, *on(home)),
        )
        key = json.loads(made)["AccessKey"]
        serve = ("serve", "--api-host", ANYWHERE, "--xds-host", ANYWHERE, "--xds-names", "10.90.0.2", *TRACED)
        plane = stack.enter_context(
            podman.running(IMAGES["control-plane"], *serve, options=(*volume, *on(home)))
        )
        assert eventually(plane.is_healthy), plane.logs()
        create(home, key)
        stage = Stage(podman, plane, {"plane": home}, {}, {}, key)
        for index, member in enumerate(MEMBERS):
            made_machine = machine(member.name, address(index), f"fd90::{index + 10}", wire)
            stage.machines[member.name] = stack.enter_context(made_machine)
            start(stack, stage, member, key)
        yield stage


#: Runs the SDK on another machine: every call of a file, in the order of the Getting Started.
CREATE = """
import json, sys, boto3
url, key, folder, files = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3], json.loads(sys.argv[4])
client = boto3.client("appmesh", endpoint_url=url, region_name="us-west-2",
    aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
client.create_mesh(meshName="simpleapp")
for name, operation in files.items():
    getattr(client, operation)(**json.load(open(f"{folder}/{name}")))
"""


def create(home: Machine, key: Any) -> None:
    """The Getting Started's calls, signed."""
    arguments = ("http://10.90.0.2:8080", json.dumps(key), str(EXAMPLES), json.dumps(FILES))
    home.run(sys.executable, "-c", CREATE, *arguments)


def start(stack: contextlib.ExitStack, stage: Stage, member: Member, key: Any) -> None:
    """The containers of one task, in the order that they start in."""
    podman, where = stage.engine, stage.machines[member.name]
    podman.run(
        IMAGES["route-manager"],
        options=(*on(where), "--cap-drop=all", "--cap-add=NET_ADMIN"),
        variables={
            "APPMESH_START_ENABLED": "1",
            "APPMESH_IGNORE_UID": "1337",
            "APPMESH_ENVOY_INGRESS_PORT": "15000",
            "APPMESH_ENVOY_EGRESS_PORT": "15001",
            "APPMESH_APP_PORTS": str(member.port),
            "APPMESH_EGRESS_IGNORED_IP": "169.254.169.254",
        },
    )
    sidecar = podman.running(
        IMAGES["sidecar"],
        options=(*on(where), "--cap-drop=all"),
        variables={
            "APPMESH_VIRTUAL_NODE_NAME": f"mesh/simpleapp/virtualNode/{member.name}",
            "APPMESH_XDS_ENDPOINT": "10.90.0.2:18000",
            "AWS_REGION": "us-west-2",
            "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
            "ENVOY_LOG_LEVEL": "warning",
            "ENVOY_CONCURRENCY": "1",
            "LISTENER_DRAIN_WAIT_TIME_S": "5",
        },
    )
    running = stage.sidecars[member.name] = stack.enter_context(sidecar)
    assert eventually(running.is_healthy, within_s=120), running.logs() + stage.plane.logs()
    application = podman.running(
        IMAGES["control-plane"],
        *("-m", "gossamer.demo.app", member.name, str(member.port), "--calls", member.calls),
        options=(*on(where), "--cap-drop=all", "--user", APP_UID, "--entrypoint", "python3"),
    )
    serving = stage.applications[member.name] = stack.enter_context(application)
    url = f"http://{where.address}:{member.port}{WARM_UP}"
    assert eventually(lambda: stage.ask(url) == member.name, within_s=60), serving.logs()


def test_requests_by_name_are_split_as_the_route_says(stage: Stage) -> None:
    assert eventually(lambda: stage.ask() in {"serviceBv1", "serviceBv2"}, within_s=60), stage.ask()
    counted = Counter(stage.ask() for _ in range(100))
    assert set(counted) == {"serviceBv1", "serviceBv2"}
    assert 70 <= counted["serviceBv1"] <= 99


def test_the_control_plane_serves_its_console(stage: Stage) -> None:
    page = stage.ask("http://10.90.0.2:8080/console/")
    script = re.search(r'src="([^"]+\.js)"', page)
    assert script, page
    assert len(stage.ask(urljoin("http://10.90.0.2:8080/console/", script[1]))) > 10_000


def test_both_sidecars_carry_them(stage: Stage) -> None:
    versions = {"serviceBv1", "serviceBv2"}
    before = {name: connections(one) for name, one in stage.sidecars.items()}
    assert eventually(lambda: stage.ask() in versions, within_s=60)
    after = {name: connections(one) for name, one in stage.sidecars.items()}
    assert after["serviceA"]["ingress"] > before["serviceA"]["ingress"]
    assert after["serviceA"]["egress"] > before["serviceA"]["egress"]
    assert any(after[name]["ingress"] > before[name]["ingress"] for name in versions)


def connections(sidecar: Container) -> dict[str, int]:
    """How many requests each direction has taken."""
    stats = sidecar.exec("curl", "-s", "localhost:9901/stats?filter=downstream_rq_total&format=json")
    counted: dict[str, int] = {"ingress": 0, "egress": 0}
    for stat in json.loads(stats)["stats"]:
        for direction in counted:
            if stat["name"].startswith(f"http.{direction}"):
                counted[direction] += stat["value"]
    return counted


def test_no_container_but_the_route_manager_is_root(stage: Stage) -> None:
    assert stage.plane.exec("id", "-u").strip() == "10001"
    for sidecar in stage.sidecars.values():
        assert sidecar.exec("id", "-u").strip() == "1337"
        assert "CapEff:\t0000000000000000" in sidecar.exec("cat", "/proc/1/status")


@pytest.mark.parametrize("name", IMAGES)
def test_an_image_has_a_health_check_and_little_in_it(podman: Engine, name: str) -> None:
    found = podman.inspected(IMAGES[name])
    assert found["Healthcheck"]["Test"]
    assert found["Size"] < 400 * 1024 * 1024
    assert (
        podman.run(IMAGES[name], "-c", "command -v pip apt-key || true", options=("--entrypoint", "sh")) == ""
    )


def test_the_agents_own_check_and_app_meshs_paths_are_there(stage: Stage) -> None:
    assert "--resource-arn" in stage.sidecars["serviceA"].exec("/usr/bin/agent", "--help")
