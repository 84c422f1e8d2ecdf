"""Two tasks behind one name, each with a real agent, and a caller with a sidecar that never stops calling.

A task that is stopped fails no request; an Envoy that is killed is soon back; a control plane that goes away
is missed by the agents alone.
"""

import asyncio
import contextlib
import json
import os
import signal
import socket
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from tests.support.agent_process import AgentProcess, agent_process
from tests.support.answering import HTTP, App, answering
from tests.support.calling import Client
from tests.support.dns import serving_names
from tests.support.envoy import eventually
from tests.support.goldens import mesh_of
from tests.support.machine import HAS_GROUPS, PROXY_GID, Machine, machine, running_proxy
from tests.support.plane import Plane, running_plane
from tests.support.stage_mesh import listener, mesh, node, to

pytestmark = pytest.mark.e2e

WIRE = ("wire", "10.92.0.1", "fd92::1")
NETWORK = "10.92.0.0/24"
TASKS = ("blue", "green")


@dataclass
class Scene:
    """The machines, and what runs on them."""

    plane: Plane
    client: Client
    names: dict[str, list[str]]
    machines: dict[str, Machine]
    agents: dict[str, AgentProcess]
    directory: Path
    answers: list[str] = field(default_factory=list)

    async def call_on(self) -> None:
        """Call for ever, and write down who answered, or what went wrong."""
        async with self.client.session() as session:
            while True:
                try:
                    async with session.get("http://orders.test/") as answer:
                        said = await answer.text()
                        who = json.loads(said)["who"] if answer.status == 200 else f"{answer.status} {said}"
                except (aiohttp.ClientError, OSError) as error:
                    who = repr(error)
                self.answers.append(who)
                await asyncio.sleep(0.002)

    def failures(self) -> list[str]:
        """The answers that were none."""
        return [answer for answer in self.answers if answer not in TASKS]

    async def status(self, name: str) -> dict[str, str]:
        """What an agent says of itself, on its socket."""
        reader, writer = await asyncio.open_unix_connection(self.directory / f"{name}.agent.sock")
        writer.write(b"GET /status HTTP/1.1\r\nhost: agent\r\n\r\n")
        answer = await reader.read()
        writer.close()
        head, _, body = answer.partition(b"\r\n\r\n")
        return dict(json.loads(body)) if head.startswith(b"HTTP/1.1 200") else {}

    async def says(self, name: str, **wanted: str) -> None:
        """Wait until an agent says this of itself."""

        async def is_said() -> bool:
            with contextlib.suppress(OSError):
                return wanted.items() <= (await self.status(name)).items()
            return False

        await eventually(is_said, f"{name} says {wanted}", within_s=60)


def shop() -> dict[str, object]:
    """A mesh in which front calls orders, which the tasks of one node serve."""
    pool = node("pool", listeners=[listener("http")])
    pool["serviceDiscovery"] = {"dns": {"hostname": "pool.test", "responseType": "ENDPOINTS"}}
    front = node("front", "http", backends=["orders.test"])
    return mesh(nodes={"front": front, "pool": pool}, routes={"all": to("pool")})


@pytest_asyncio.fixture
async def scene() -> AsyncIterator[Scene]:
    async with contextlib.AsyncExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="load")))
        plane = await stack.enter_async_context(running_plane(directory))
        plane.show(mesh_of(shop()))
        wire = stack.enter_context(machine(*WIRE, None))
        made = {
            name: stack.enter_context(machine(name, f"10.92.0.{number}", f"fd92::{number}", wire))
            for name, number in {"front": 2, "blue": 3, "green": 4}.items()
        }
        names = {"pool.test": [made[name].address for name in TASKS]}
        resolver = wire.listening(wire.address, 53, kind=socket.SOCK_DGRAM)
        await stack.enter_async_context(serving_names(resolver, names))
        agents = {}
        for name, one in made.items():
            one.intercept((HTTP,), NETWORK)
            if name == "front":
                proxy = running_proxy(one, "mesh/shop/virtualNode/front", plane, wire.address)
                stack.enter_context(proxy)
                continue
            await stack.enter_async_context(answering(App(name), one.listening, directory))
            (directory / name).mkdir()
            group = ("setpriv", "--regid", str(PROXY_GID), "--clear-groups", "--") if HAS_GROUPS else ()
            environ = {
                "APPMESH_RESOURCE_ARN": "mesh/shop/virtualNode/pool",
                "APPMESH_XDS_ENDPOINT": f"unix://{plane.socket}",
                "APPNET_AGENT_ADMIN_MODE": "uds",
                "APPNET_AGENT_ADMIN_UDS_PATH": str(directory / f"{name}.agent.sock"),
                "LISTENER_DRAIN_WAIT_TIME_S": "8",
                "HC_POLL_INTERVAL_MS": "2000",
            }
            task = agent_process(directory / name, environ, (), (*one.within, *group))
            agents[name] = stack.enter_context(task)
        found = Scene(plane, Client(made["front"]), names, made, agents, directory)
        for name in TASKS:
            await found.says(name, healthStatus="HEALTHY")
        await eventually(plane.is_in_sync, "in sync", within_s=60)
        yield found


@contextlib.asynccontextmanager
async def load(scene: Scene) -> AsyncIterator[None]:
    """Callers that never stop, until both tasks have answered them and the test is over."""
    scene.answers.clear()
    async with asyncio.TaskGroup() as tasks:
        callers = [tasks.create_task(scene.call_on()) for _ in range(4)]

        async def is_answered() -> bool:
            return set(TASKS) <= set(scene.answers[-200:])

        try:
            await eventually(is_answered, "answers of both tasks", within_s=60)
            scene.answers.clear()
            yield
        finally:
            for caller in callers:
                caller.cancel()


async def test_a_control_plane_that_goes_away_is_missed_by_the_agents_alone(scene: Scene) -> None:
    async with load(scene):
        async with scene.plane.away():
            await scene.says("blue", managementServerConnectionStatus="NOT_CONNECTED")
            said = await scene.status("blue")
            assert "managementServerDisconnectedTimestamp" in said
            assert said["healthStatus"] == "HEALTHY"
            assert scene.agents["blue"].events("control_plane_lost")
            await answered(scene, 500)
        await scene.says("blue", managementServerConnectionStatus="CONNECTED")
        assert "managementServerDisconnectedTimestamp" not in await scene.status("blue")
        assert scene.failures() == []


async def test_an_envoy_that_is_killed_is_back_within_the_budget_and_that_is_seen(scene: Scene) -> None:
    async with load(scene):
        os.kill(scene.agents["green"].envoys()[0], signal.SIGKILL)
        await scene.says("green", envoyRestartCount="1", healthStatus="HEALTHY")
        assert scene.agents["green"].events("envoy_exited")[0]["code"] == -9

        async def is_back() -> bool:
            return "green" in scene.answers[-50:]

        await eventually(is_back, "answers of green again", within_s=60)


async def test_a_task_that_is_stopped_under_load_fails_no_request(scene: Scene) -> None:
    async with load(scene):
        # As an orchestrator does: the task leaves discovery, and is told to stop.
        scene.names["pool.test"] = [scene.machines["green"].address]
        scene.agents["blue"].process.send_signal(signal.SIGTERM)
        code = await asyncio.to_thread(scene.agents["blue"].process.wait, 60)
        await answered(scene, 200)
        assert code == 0
        assert scene.failures() == []
        assert set(scene.answers[-100:]) == {"green"}


async def answered(scene: Scene, count: int) -> None:
    """Wait for so many answers more."""
    enough = len(scene.answers) + count

    async def is_enough() -> bool:
        return len(scene.answers) >= enough

    await eventually(is_enough, f"{count} answers", within_s=60)
