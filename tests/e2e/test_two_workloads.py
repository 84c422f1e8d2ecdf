"""Two workloads as two tasks would be: application and sidecar under users of their own, traffic intercepted.

`front` calls `back` by its service's name, which resolves to an address that nobody has: only a sidecar can
know where that is. The applications tell who they were called by: a call that came through their own sidecar
came from this very machine.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gossamer.contract import PROXY_UID
from gossamer.sidecar.binary import envoy_path
from gossamer.sidecar.env import settings
from tests.support.agent_process import AgentProcess, agent_process, eventually
from tests.support.control_plane import ControlPlane, running_control_plane
from tests.support.machine import Machine, machine
from tests.support.machines import GOSSAMER
from tests.support.network_namespace import ENVIRON

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root has users to tell apart"),
]

APP_UID = 1500
SERVICE = "back.shop.test"
#: Addresses of nobody, on the wire's own networks.
VIRTUAL, VIRTUAL_V6 = "10.91.0.99", "fd91::99"
FRONT, BACK, IGNORED = "10.91.0.2", "10.91.0.3", "10.91.0.4"
FRONT_V6, BACK_V6 = "fd91::2", "fd91::3"
APP_PORT, UNLISTED_PORT, IGNORED_PORT = 8080, 8081, 8082

#: Answers on ports with the address that a call came from, as a user.
APP = """
import http.server, os, socket, sys, threading
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        said = self.client_address[0].removeprefix("::ffff:").encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)
    def log_message(self, *_):
        pass
class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6
    daemon_threads = True
servers = [Server(("::", int(port)), Handler) for port in sys.argv[2:]]
os.setgid(int(sys.argv[1]))
os.setuid(int(sys.argv[1]))
for server in servers:
    threading.Thread(target=server.serve_forever, daemon=True).start()
print("ready", flush=True)
sys.stdin.read()
"""

#: Calls an address as a user, and says what it answered: who it was called by, or what went wrong.
CALL = """
import encodings.idna, http.client, os, sys
user, address, port, host = sys.argv[1:]
os.setgid(int(user))
os.setuid(int(user))
connection = http.client.HTTPConnection(address, int(port), timeout=60)
try:
    connection.request("GET", "/", headers={"Host": host})
    answer = connection.getresponse()
    print(answer.read().decode() if answer.status == 200 else answer.status)
except (OSError, http.client.HTTPException) as error:
    print(type(error).__name__)
"""

#: Names are looked up in files of the test's own.
NAMED = 'mount --bind "$0/hosts" /etc/hosts && mount --bind "$0/resolv.conf" /etc/resolv.conf && exec "$@"'


@dataclass(frozen=True)
class Workloads:
    """The machines, and the agents of their sidecars."""

    front: Machine
    back: Machine
    agents: dict[str, AgentProcess]

    def call(
        self, caller: Machine, address: str, port: int = 80, uid: int = APP_UID, host: str = SERVICE
    ) -> str:
        """What a call answers: the address that the application was called from."""
        return caller.run(sys.executable, "-I", "-c", CALL, str(uid), address, str(port), host).strip()

    def requests(self, name: str, direction: str) -> int:
        """How many requests a sidecar has taken, in one direction."""
        one = {"front": self.front, "back": self.back}[name]
        port = self.agents[name].port()
        stats = one.run(
            "curl", "-s", f"http://127.0.0.1:{port}/stats?filter=http.{direction}.*downstream_rq_total"
        )
        return sum(int(line.rpartition(": ")[2]) for line in stats.splitlines())


def node(port: int, hostname: str, *backends: str) -> Any:
    """A virtual node's specification."""
    return {
        "listeners": [{"portMapping": {"port": port, "protocol": "http"}}],
        "serviceDiscovery": {"dns": {"hostname": hostname}},
        "backends": [{"virtualService": {"virtualServiceName": name}} for name in backends],
    }


def describe(plane: ControlPlane) -> None:
    """The mesh: front may call the service that back provides, and nothing else."""
    client = plane.client()
    both = {"serviceDiscovery": {"ipPreference": "IPv4_PREFERRED"}}
    client.create_mesh(meshName="shop", spec=both)
    client.create_virtual_node(meshName="shop", virtualNodeName="back", spec=node(APP_PORT, "back.machine"))
    provider = {"provider": {"virtualRouter": {"virtualRouterName": "back"}}}
    client.create_virtual_service(meshName="shop", virtualServiceName=SERVICE, spec=provider)
    listener = {"listeners": [{"portMapping": {"port": 80, "protocol": "http"}}]}
    client.create_virtual_router(meshName="shop", virtualRouterName="back", spec=listener)
    action = {"weightedTargets": [{"virtualNode": "back", "weight": 1}]}
    route = {"httpRoute": {"match": {"prefix": "/"}, "action": action}}
    client.create_route(meshName="shop", virtualRouterName="back", routeName="all", spec=route)
    front = node(APP_PORT, "front.machine", SERVICE)
    client.create_virtual_node(meshName="shop", virtualNodeName="front", spec=front)


def intercept(one: Machine, *arguments: str) -> None:
    """Run `gossamer intercept` as the route manager's container does."""
    variables = {
        "PATH": os.environ["PATH"],
        "APPMESH_IGNORE_UID": str(PROXY_UID),
        "APPMESH_ENVOY_EGRESS_PORT": "15001",
        "APPMESH_ENVOY_INGRESS_PORT": "15000",
        "APPMESH_APP_PORTS": str(APP_PORT),
        "APPMESH_EGRESS_IGNORED_PORTS": str(IGNORED_PORT),
        "APPMESH_EGRESS_IGNORED_IP": IGNORED,
        "APPMESH_ENABLE_IPV6": "1",
    }
    command = [*one.within, sys.executable, "-c", GOSSAMER, "intercept", *arguments]
    subprocess.run(command, env=variables, stdin=subprocess.DEVNULL, capture_output=True, check=True)


@contextlib.contextmanager
def application(one: Machine) -> Iterator[None]:
    command = (*one.within, sys.executable, "-I", "-c", APP, str(APP_UID))
    ports = map(str, (APP_PORT, UNLISTED_PORT, IGNORED_PORT))
    with subprocess.Popen(
        [*command, *ports], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=ENVIRON, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield
        process.stdin.close()


@pytest.fixture(scope="module")
def workloads() -> Iterator[Workloads]:
    with contextlib.ExitStack() as stack:
        # Envoy's user must reach what is in it.
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="workloads")))
        directory.chmod(0o755)
        hosts = f"127.0.0.1 localhost\n{FRONT} front.machine\n{BACK} back.machine\n"
        (directory / "hosts").write_text(hosts)
        (directory / "resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
        envoy = shutil.copy(envoy_path(settings({"ENVOY_CONFIG_FILE": "/dev/null"})[0]), directory / "envoy")
        plane = stack.enter_context(running_control_plane(directory))
        plane.socket.chmod(0o777)
        describe(plane)
        wire = stack.enter_context(machine("wire", "10.91.0.1", "fd91::1", None))
        front = stack.enter_context(machine("front", FRONT, FRONT_V6, wire))
        back = stack.enter_context(machine("back", BACK, BACK_V6, wire))
        back.run("ip", "address", "add", f"{IGNORED}/24", "dev", "eth0")
        agents = {}
        for one in (front, back):
            stack.enter_context(application(one))
            home = directory / one.name
            home.mkdir(mode=0o755)
            variables = {
                "APPMESH_RESOURCE_ARN": f"mesh/shop/virtualNode/{one.name}",
                "APPMESH_XDS_ENDPOINT": f"unix://{plane.socket}",
                "GOSSAMER_ENVOY_PATH": str(envoy),
                "GOSSAMER_ENVOY_UID": str(PROXY_UID),
                "ENVOY_ADMIN_ACCESS_LOG_FILE": "/dev/null",
            }
            within = (*one.within, "unshare", "--mount", "sh", "-c", NAMED, str(directory))
            agents[one.name] = stack.enter_context(agent_process(home, variables, within=within))
            intercept(one, "enable")
        found = Workloads(front, back, agents)
        assert eventually(
            lambda: plane.proxies() and found.call(front, VIRTUAL) == "127.0.0.1", within_s=60
        ), (
            plane.proxies(),
            agents["front"].output,
        )
        yield found


def test_a_call_by_the_services_name_travels_both_sidecars(workloads: Workloads) -> None:
    before = workloads.requests("front", "egress"), workloads.requests("back", "ingress")
    assert workloads.call(workloads.front, VIRTUAL) == "127.0.0.1"
    assert workloads.requests("front", "egress") == before[0] + 1
    assert workloads.requests("back", "ingress") == before[1] + 1


def test_so_does_one_over_ipv6(workloads: Workloads) -> None:
    before = workloads.requests("front", "egress"), workloads.requests("back", "ingress")
    assert workloads.call(workloads.front, VIRTUAL_V6) in {"127.0.0.1", "::1"}
    assert workloads.requests("front", "egress") == before[0] + 1
    assert workloads.requests("back", "ingress") == before[1] + 1


@pytest.mark.parametrize("address", [FRONT, FRONT_V6])
def test_what_comes_in_from_outside_the_mesh_goes_through_the_sidecar_of_the_called(
    workloads: Workloads, address: str
) -> None:
    before = workloads.requests("front", "ingress")
    assert workloads.call(workloads.back, address, APP_PORT, uid=PROXY_UID) in {"127.0.0.1", "::1"}
    assert workloads.requests("front", "ingress") == before + 1


def test_the_application_cannot_call_past_its_sidecar_what_is_not_in_the_mesh(workloads: Workloads) -> None:
    assert workloads.call(workloads.front, BACK, UNLISTED_PORT) not in {FRONT, "127.0.0.1"}


def test_the_excluded_user_port_and_address_pass(workloads: Workloads) -> None:
    assert workloads.call(workloads.front, BACK, UNLISTED_PORT, uid=PROXY_UID) == FRONT
    assert workloads.call(workloads.front, BACK_V6, UNLISTED_PORT, uid=PROXY_UID) == FRONT_V6
    assert workloads.call(workloads.front, BACK, IGNORED_PORT) == FRONT
    assert workloads.call(workloads.front, IGNORED, UNLISTED_PORT) == FRONT


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", FRONT, FRONT_V6])
def test_loopback_and_the_machines_own_address_pass(workloads: Workloads, address: str) -> None:
    before = workloads.requests("front", "egress"), workloads.requests("front", "ingress")
    assert workloads.call(workloads.front, address, APP_PORT) == address
    assert (workloads.requests("front", "egress"), workloads.requests("front", "ingress")) == before


def test_rules_that_are_taken_away_leave_the_table_as_it_was(workloads: Workloads) -> None:
    with_rules = workloads.back.run("nft", "list", "ruleset")
    intercept(workloads.back, "disable", "--now")
    assert workloads.back.run("nft", "list", "ruleset") == ""
    assert workloads.call(workloads.front, BACK, APP_PORT, uid=PROXY_UID) == FRONT
    intercept(workloads.back, "enable")
    assert workloads.back.run("nft", "list", "ruleset") == with_rules
