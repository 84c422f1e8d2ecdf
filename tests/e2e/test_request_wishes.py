"""What sidecars leave out of requests when they are told to, and what stays: real agents, real interception.

`front` and `blue` leave out all that can be; `plain` calls blue and leaves out nothing.
"""

import asyncio
import contextlib
import json
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio

from gossamer.contract import EGRESS_PORT, INGRESS_PORT
from tests.support.answering import HTTP, App, answering
from tests.support.calling import NOWHERE, Client
from tests.support.dns import serving_names
from tests.support.envoy import RunningEnvoy, eventually
from tests.support.failing import holding
from tests.support.goldens import mesh_of
from tests.support.machine import Machine, machine, running_proxy
from tests.support.plane import Plane, running_plane
from tests.support.stage_mesh import Spec, listener, mesh, node, to

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="module")]

URL: Final = "http://orders.test/"
LEAVING_OUT: Final = {
    "GOSSAMER_MAKES_REQUEST_IDS": "0",
    "GOSSAMER_ENDS_IDLE_REQUESTS": "0",
    "GOSSAMER_SHOWS_ENVOY": "0",
}
SOON: Final = {"unit": "ms", "value": 300}
#: The 9 says that it may be traced, which Envoy writes there by itself.
MINE: Final = "11111111-2222-9333-8444-555555555555"


@dataclass
class Scene:
    """The machines, the proxies on them, and blue's application."""

    plane: Plane
    machines: dict[str, Machine]
    proxies: dict[str, RunningEnvoy]
    app: App

    def client(self, name: str) -> Client:
        """Calls from a machine; where orders.test leads does not matter: its proxy takes the call."""
        return Client(self.machines[name], {"orders.test": [NOWHERE]})

    async def show(self, *, on_route: Spec | None = None, on_listener: Spec | None = None) -> None:
        """Show the mesh, with timeouts, and wait until all proxies run it."""
        self.plane.show(mesh_of(shop(on_route, on_listener)))
        await eventually(self.plane.is_in_sync, f"in sync: {self.plane.refusals()}")
        assert self.plane.refusals() == []


def shop(on_route: Spec | None, on_listener: Spec | None) -> Spec:
    """Two callers of orders.test, which blue serves."""
    serving = listener("http", timeout={"http": on_listener}) if on_listener else listener("http")
    blue = node("blue", listeners=[serving], serviceDiscovery={"dns": {"hostname": "blue.test"}})
    callers = {name: node(name, "http", backends=["orders.test"]) for name in ("front", "plain")}
    rule = {"timeout": on_route} if on_route else {}
    return mesh(nodes={**callers, "blue": blue}, routes={"all": to("blue", rule=rule)})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene() -> AsyncIterator[Scene]:
    async with contextlib.AsyncExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="requests")))
        plane = await stack.enter_async_context(running_plane(directory))
        plane.show(mesh_of(shop(None, None)))
        wire = stack.enter_context(machine("wire", "10.94.0.1", "fd94::1", None))
        names = wire.listening(wire.address, 53, kind=socket.SOCK_DGRAM)
        await stack.enter_async_context(serving_names(names, {"blue.test": ["10.94.0.3"]}))
        made = {
            name: stack.enter_context(machine(name, f"10.94.0.{number}", f"fd94::{number}", wire))
            for name, number in {"front": 2, "blue": 3, "plain": 4}.items()
        }
        app = App("blue")
        await stack.enter_async_context(answering(app, made["blue"].listening, directory))
        proxies = {}
        for name, where in made.items():
            where.intercept((HTTP,), "10.94.0.0/24")
            more = LEAVING_OUT if name != "plain" else {}
            asked = running_proxy(where, f"mesh/shop/virtualNode/{name}", plane, wire.address, more=more)
            proxies[name] = stack.enter_context(asked)
        found = Scene(plane, made, proxies, app)
        await found.show()
        await eventually(lambda: _answers(found), "an answer")
        yield found


async def _answers(scene: Scene) -> bool:
    with contextlib.suppress(OSError):
        return (await scene.client("front").http(URL)).status == 200
    return False


async def test_a_request_gets_no_id_and_keeps_one_that_it_has(scene: Scene) -> None:
    await scene.show()
    assert (await scene.client("front").http(URL)).sent("x-request-id") == []
    kept = await scene.client("front").http(URL, headers={"x-request-id": MINE})
    assert kept.sent("x-request-id") == [MINE]


async def test_a_caller_that_leaves_out_nothing_still_makes_ids(scene: Scene) -> None:
    await scene.show()
    (made,) = (await scene.client("plain").http(URL)).sent("x-request-id")
    assert len(made) == len(MINE)


async def test_nothing_tells_of_envoy(scene: Scene) -> None:
    await scene.show()
    answer = await scene.client("front").http(URL)
    names = (*answer.headers, *(name for name, _ in answer.seen["headers"]))
    assert [name for name in names if name.lower().startswith("x-envoy")] == []
    assert "envoy" not in answer.headers.get("server", "")


@pytest.mark.parametrize("where", ["on_route", "on_listener"])
@pytest.mark.parametrize("timeout", ["idle", "perRequest"])
async def test_the_meshs_own_timeouts_still_end_requests(scene: Scene, where: str, timeout: str) -> None:
    await scene.show(**{where: {timeout: SOON}})
    with holding(scene.app):
        assert (await scene.client("front").http(URL)).status == 504


async def test_a_request_that_may_take_for_ever_is_bounded_by_its_silence_as_before(scene: Scene) -> None:
    await scene.show(on_route={"perRequest": {"unit": "s", "value": 0}})
    routes = json.loads(await scene.proxies["front"].get("/config_dump?resource=dynamic_route_configs"))
    (own,) = [
        one["route"]
        for config in routes["configs"]
        for host in config["route_config"]["virtual_hosts"]
        if host["name"] == "orders.test"
        for one in host["routes"]
    ]
    assert (own["timeout"], own["idle_timeout"]) == ("0s", "300s")


@pytest.mark.parametrize(
    ("who", "filtered"),
    [
        ("front", f"sport = :{EGRESS_PORT}"),
        ("front", f"dport = :{HTTP} dst 10.94.0.3"),
        ("blue", f"sport = :{INGRESS_PORT}"),
        ("blue", f"dport = :{HTTP} dst 127.0.0.1"),
    ],
)
async def test_every_connection_of_a_proxy_notices_when_the_other_end_is_gone(
    scene: Scene, who: str, filtered: str
) -> None:
    await scene.show()

    async def is_watched() -> bool:
        """Once nothing is on its way, the timer of a connection is that of the next question."""
        found = await _timers(scene.machines[who], filtered)
        return bool(found) and all("timer:(keepalive," in line for line in found)

    with holding(scene.app) as held:
        async with asyncio.TaskGroup() as asking:
            answer = asking.create_task(scene.client("front").http(URL))
            await held.are(1)
            await eventually(is_watched, "connections with a timer")
            held.let_go()
    assert answer.result().status == 200


async def _timers(where: Machine, filtered: str) -> list[str]:
    """The proxy's established connections on a machine, with the timer of each."""
    command = [*where.within, "ss", "-Htnop", "state", "established", filtered]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=True)
    return [line for line in done.stdout.splitlines() if '"envoy"' in line]
