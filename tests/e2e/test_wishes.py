"""What single Envoys ask for beyond their node's configuration: App Mesh's metrics, and names answered.

Two machines with the same mesh behind one control plane: `front` asks for both, `plain` for nothing.
"""

import asyncio
import contextlib
import json
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from gossamer.compile.name_service import virtual_ipv4, virtual_ipv6
from tests.support.answering import HTTP, TCP, App, Reply, Seen, answering
from tests.support.calling import Client
from tests.support.dns import serving_names
from tests.support.envoy import RunningEnvoy, eventually
from tests.support.goldens import mesh_of
from tests.support.machine import Machine, machine, running_proxy
from tests.support.network_namespace import ENVIRON
from tests.support.plane import Plane, running_plane
from tests.support.stage_mesh import listener, mesh, node, to

Answering = Callable[[Seen], Awaitable[Reply]]

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="module")]

WIRE = ("wire", "10.91.0.1", "fd91::1")
ORDERS, PAYMENTS = "orders.Shop.test", "payments.shop.test"
#: What the machine's own resolver knows: another name, and an address of a service's that must not come out.
ELSEWHERE = {
    "elsewhere.test": ["10.91.0.77", "fd91::77"],
    "orders.shop.test": ["10.91.0.78", "fd91::78"],
}

FETCH = "urllib.request.urlopen('{}', timeout=20).read().decode()"

#: What a program that looks a name up is told, in the machine's network and with its resolv.conf.
LOOK_UP = """
import json, socket, sys
families = {"4": socket.AF_INET, "6": socket.AF_INET6, "any": socket.AF_UNSPEC}
try:
    found = socket.getaddrinfo(sys.argv[1], 80, families[sys.argv[2]], socket.SOCK_STREAM)
    print(json.dumps([address[0] for *_, address in found]))
except socket.gaierror as error:
    print(json.dumps(error.args[1]))
"""


@dataclass
class Scene:
    """The machines and what runs on them."""

    plane: Plane
    front: Machine
    envoy: RunningEnvoy
    plain: RunningEnvoy
    outside: Machine
    client: Client
    app: App

    async def show(self, preference: str | None = None) -> None:
        """Show the mesh, and wait until both proxies run it."""
        self.plane.show(mesh_of(shop(preference)))
        await eventually(self.plane.is_in_sync, f"in sync: {self.plane.refusals()}")
        assert self.plane.refusals() == []

    async def fetched(self, url: str) -> str:
        """Who answers a program that knows a name and nothing else, by the address that it tries first."""
        said = await asyncio.to_thread(self._run, f"import urllib.request; print({FETCH.format(url)})")
        return str(json.loads(said)["who"])

    async def look_up(self, name: str, family: str = "any") -> list[str] | str:
        """What getaddrinfo says on `front`, whose resolv.conf names its proxy."""
        return await asyncio.to_thread(self._look_up, name, family)

    def _look_up(self, name: str, family: str) -> list[str] | str:
        found = json.loads(self._run(LOOK_UP, name, family))
        assert isinstance(found, list | str)
        return sorted(found) if isinstance(found, list) else found

    def _run(self, program: str, *arguments: str) -> str:
        """What a program of Python's says on `front`."""
        command = (
            "mount --make-rprivate / && mount --bind resolv.conf /etc/resolv.conf && "
            f'exec {sys.executable} -I -S -c "$0" "$@"'
        )
        done = subprocess.run(
            [*self.front.within, "unshare", "--mount", "sh", "-c", command, program, *arguments],
            cwd=self.envoy.log.parent,
            env=ENVIRON,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def shop(preference: str | None) -> dict[str, object]:
    """A mesh in which front calls orders (http) and payments (tcp), both served by blue."""
    discovery = {"dns": {"hostname": "10.91.0.3"}}
    blue = node("blue", listeners=[listener("http"), listener("tcp")], serviceDiscovery=discovery)
    front = node("front", "http", backends=[ORDERS, PAYMENTS])
    spec = {"serviceDiscovery": {"ipPreference": preference}} if preference else {}
    written = mesh(nodes={"front": front, "blue": blue}, mesh=spec)
    written["services"] = {
        ORDERS: {"provider": {"virtualRouter": {"virtualRouterName": "orders"}}},
        PAYMENTS: {"provider": {"virtualRouter": {"virtualRouterName": "payments"}}},
    }
    written["routers"] |= {"payments": {"listeners": [listener("tcp", 9000)]}}
    target = [{"virtualNode": "blue", "weight": 1, "port": HTTP}]
    tcp = [{"virtualNode": "blue", "weight": 1, "port": TCP}]
    written["routes"] = {"orders/all": to(target), "payments/all": to(tcp, "tcp")}
    return written


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene() -> AsyncIterator[Scene]:
    async with contextlib.AsyncExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wishes")))
        (directory / "resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:5 attempts:1\n")
        plane = await stack.enter_async_context(running_plane(directory))
        plane.show(mesh_of(shop(None)))
        wire = stack.enter_context(machine(*WIRE, None))
        names = wire.listening(wire.address, 53, kind=socket.SOCK_DGRAM)
        await stack.enter_async_context(serving_names(names, ELSEWHERE))
        made = {
            name: stack.enter_context(machine(name, f"10.91.0.{number}", f"fd91::{number}", wire))
            for name, number in {"front": 2, "blue": 3, "plain": 4}.items()
        }
        app = App("blue")
        await stack.enter_async_context(answering(app, made["blue"].listening, directory))
        wishes = {
            "APPMESH_METRIC_EXTENSION_VERSION": "1",
            "APPMESH_SET_TRACING_DECISION": "false",
            "GOSSAMER_DNS": "1",
            "GOSSAMER_DNS_RESOLVERS": wire.address,
        }
        proxies = {}
        for name, more in {"front": wishes, "plain": {}}.items():
            made[name].intercept((HTTP,), "10.91.0.0/24")
            args = (made[name], "mesh/shop/virtualNode/front", plane, wire.address)
            proxies[name] = stack.enter_context(running_proxy(*args, more=more))
        client = Client(made["front"], {name: [virtual_ipv4(name)] for name in (ORDERS, PAYMENTS)})
        yield Scene(plane, made["front"], proxies["front"], proxies["plain"], wire, client, app)


async def metrics(envoy: RunningEnvoy) -> dict[str, float]:
    """App Mesh's own metrics, by name and labels."""
    text = await envoy.get("/stats/prometheus")
    lines = (line for line in text.splitlines() if line.startswith("envoy_appmesh_"))
    return {key: float(value) for key, _, value in (line.rpartition(" ") for line in lines)}


async def grown(envoy: RunningEnvoy, before: dict[str, float], metric: str) -> float:
    """By how much a metric of requests to orders has grown; one is counted just after it is answered."""
    name = TARGET.format(metric)

    async def has_grown() -> bool:
        return (await metrics(envoy)).get(name, 0) > before.get(name, 0)

    await eventually(has_grown, name)
    return (await metrics(envoy))[name] - before.get(name, 0)


def replying(status: int) -> Answering:
    """An application that always answers so."""

    async def reply(_: Seen) -> Reply:
        return Reply(status=status)

    return reply


TARGET = (
    'envoy_appmesh_{}{{Mesh="shop",VirtualNode="front",'
    f'TargetVirtualService="{ORDERS}",TargetVirtualNode="blue"}}}}'
)


async def test_requests_are_counted_by_what_they_were_for(scene: Scene) -> None:
    await scene.show()
    before = await metrics(scene.envoy)
    for _ in range(3):
        assert (await scene.client.http(f"http://{ORDERS}/")).who == "blue"
    assert await grown(scene.envoy, before, "RequestCountPerTarget") == 3
    assert await grown(scene.envoy, before, "HTTPCode_Target_2XX_Count") == 3
    assert await grown(scene.envoy, before, "TargetProcessedBytes") > 300


async def test_answers_are_counted_by_their_class(scene: Scene) -> None:
    await scene.show()
    before = await metrics(scene.envoy)
    for status in (301, 404, 503):
        scene.app.reply = replying(status)
        await scene.client.http(f"http://{ORDERS}/")
    scene.app.forget()
    for code in "345":
        assert await grown(scene.envoy, before, f"HTTPCode_Target_{code}XX_Count") == 1


async def test_what_went_to_no_virtual_node_is_nobodys_target(scene: Scene) -> None:
    await scene.show()
    before = await metrics(scene.envoy)
    assert (await scene.client.http("http://10.91.0.200/", headers={"host": "nobody.test"})).status == 404
    new = {key for key, value in (await metrics(scene.envoy)).items() if value != before.get(key)}
    assert not [key for key in new if "Target" in key]


async def test_tcp_is_counted_by_its_service(scene: Scene) -> None:
    await scene.show()
    assert await scene.client.tcp(PAYMENTS, 9000, b"hello") == "blue: hello"
    name = TARGET.format("TargetProcessedBytes").replace(ORDERS, PAYMENTS)

    async def is_counted() -> bool:
        return (await metrics(scene.envoy)).get(name, 0) >= len(b"hello" + b"blue: hello")

    await eventually(is_counted, name)


async def test_what_comes_in_is_counted_for_the_node_itself(scene: Scene) -> None:
    await scene.show()
    outside = Client(scene.outside)
    with contextlib.suppress(OSError, asyncio.IncompleteReadError):
        await outside.http(f"http://{scene.front.address}:{HTTP}/")

    async def is_counted() -> bool:
        found = await metrics(scene.envoy)
        names = ("RequestCount", "NewConnectionCount", "ProcessedBytes")
        return all(found.get(f'envoy_appmesh_{name}{{Mesh="shop",VirtualNode="front"}}', 0) for name in names)

    await eventually(is_counted, "the node's own metrics")


async def test_a_proxy_that_did_not_ask_counts_nothing_and_answers_no_names(scene: Scene) -> None:
    await scene.show()
    assert await metrics(scene.plain) == {}
    listeners = await scene.plain.get("/listeners")
    assert "lds_egress_0.0.0.0_15001" in listeners
    assert "lds_dns" not in listeners


async def test_the_decision_to_trace_stays_out_of_the_request_id_when_that_is_asked(scene: Scene) -> None:
    await scene.show()
    mine = "11111111-2222-4333-8444-555555555555"
    # Told to trace, Envoy would write a 9 or an a where the 4 is.
    headers = {"x-request-id": mine, "x-envoy-force-trace": "true"}
    answer = await scene.client.http(f"http://{ORDERS}/", headers=headers)
    assert answer.sent("x-request-id") == [mine]


@pytest.mark.parametrize("spelled", [ORDERS, ORDERS.lower()])
async def test_a_name_leads_to_its_service_whatever_the_resolver_would_say(
    scene: Scene, spelled: str
) -> None:
    await scene.show()
    assert await scene.look_up(spelled, "4") == [virtual_ipv4(ORDERS)]
    # For a proxy that listens on IPv4 alone: IPv4, as IPv6 writes it.
    assert await scene.look_up(spelled, "6") == [f"::ffff:{virtual_ipv4(ORDERS)}"]


async def test_a_program_finds_and_calls_a_service_by_its_name(scene: Scene) -> None:
    await scene.show()
    assert await scene.fetched(f"http://{ORDERS}/") == "blue"


@pytest.mark.parametrize("preference", ["IPv4_ONLY", "IPv6_ONLY", "IPv4_PREFERRED", "IPv6_PREFERRED"])
async def test_names_lead_to_both_families_where_the_proxy_takes_both(scene: Scene, preference: str) -> None:
    await scene.show(preference)

    async def is_answered() -> bool:
        wanted = sorted([virtual_ipv4(PAYMENTS), virtual_ipv6(PAYMENTS)])
        return await scene.look_up(PAYMENTS) == wanted

    await eventually(is_answered, f"both for {preference}")


async def test_a_service_is_called_by_an_address_of_either_family(scene: Scene) -> None:
    await scene.show("IPv4_PREFERRED")
    for address in (virtual_ipv4(ORDERS), virtual_ipv6(ORDERS)):

        async def answers(at: str = address) -> bool:
            answer = await Client(scene.front, {ORDERS: [at]}).http(f"http://{ORDERS}/")
            return answer.status == 200 and answer.who == "blue"

        await eventually(answers, f"an answer at {address}")


@pytest.mark.parametrize("family", ["4", "6", "any"])
async def test_other_names_are_passed_on(scene: Scene, family: str) -> None:
    await scene.show()
    by_family = {"4": ["10.91.0.77"], "6": ["fd91::77"], "any": ["10.91.0.77", "fd91::77"]}
    assert await scene.look_up("elsewhere.test", family) == by_family[family]


async def test_a_name_that_nobody_knows_is_not_known(scene: Scene) -> None:
    await scene.show()
    assert await scene.look_up("nowhere.test") == "Name or service not known"


async def test_a_service_that_is_added_has_its_name_at_once(scene: Scene) -> None:
    await scene.show()
    written = shop(None)
    assert isinstance(written["nodes"], dict)
    assert isinstance(written["services"], dict)
    written["services"]["added.test"] = {"provider": {"virtualNode": {"virtualNodeName": "blue"}}}
    written["nodes"]["front"] = node("front", "http", backends=[ORDERS, PAYMENTS, "added.test"])
    scene.plane.show(mesh_of(written))

    async def is_answered() -> bool:
        return await scene.look_up("added.test", "4") == [virtual_ipv4("added.test")]

    await eventually(is_answered, "the new name")


#: Asks the proxy for records of one kind; says the code of the answer and how many records it holds.
QUERY = """
import socket, struct, sys
name, kind = sys.argv[1], int(sys.argv[2])
labels = b"".join(bytes([len(one)]) + one.encode() for one in name.split("."))
question = struct.pack("!6H", 7, 0x0100, 1, 0, 0, 0) + labels + bytes(1) + struct.pack("!2H", kind, 1)
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
    client.settimeout(10)
    client.sendto(question, ("127.0.0.1", 53))
    _, flags, _, answers, _, _ = struct.unpack_from("!6H", client.recv(512))
print(flags & 15, answers)
"""


@pytest.mark.parametrize("name", [ORDERS, "elsewhere.test"])
async def test_records_other_than_addresses_are_not_answered(scene: Scene, name: str) -> None:
    await scene.show()
    assert (await asyncio.to_thread(scene._run, QUERY, name, "1")).split() == ["0", "1"]
    not_implemented = (await asyncio.to_thread(scene._run, QUERY, name, "16")).split()
    assert not_implemented == ["4", "0"]
