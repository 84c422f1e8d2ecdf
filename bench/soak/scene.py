"""The machines of the soak: a control plane of its own process, a caller, agents, and their applications.

`blue` and `green` are there all the time, each a real agent with its Envoy and an application; `red` comes
and goes. `front` calls their service through its own Envoy.
"""

import asyncio
import contextlib
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.support.agent_process import AgentProcess, agent_process
from tests.support.answering import HTTP, App, answering
from tests.support.calling import Client
from tests.support.control_plane import ControlPlane, running_control_plane
from tests.support.dns import serving_names
from tests.support.envoy import RunningEnvoy
from tests.support.machine import HAS_GROUPS, PROXY_GID, Machine, machine, running_proxy

WIRE: Final = ("wire", "10.93.0.1", "fd93::1")
NETWORK: Final = "10.93.0.0/24"
STEADY: Final = ("blue", "green")
MACHINES: Final = {"front": 2, "blue": 3, "green": 4, "red": 5}

MESH: Final = {"meshName": "soak"}
SERVICE: Final = "orders.test"
POOLS: Final = ("pool", "more")


@dataclass
class Scene:
    """What runs."""

    plane: ControlPlane
    front: RunningEnvoy
    client: Client
    machines: dict[str, Machine]
    agents: dict[str, AgentProcess]
    apps: list[App]
    directory: Path
    names: dict[str, list[str]] = field(default_factory=dict)

    @contextlib.contextmanager
    def agent(self, name: str) -> Iterator[AgentProcess]:
        """An agent on a machine, that speaks for the service's node."""
        folder = self.directory / name
        folder.mkdir(exist_ok=True)
        group = ("setpriv", "--regid", str(PROXY_GID), "--clear-groups", "--") if HAS_GROUPS else ()
        environ = {
            "APPMESH_RESOURCE_ARN": "mesh/soak/virtualNode/pool",
            "APPMESH_XDS_ENDPOINT": f"unix://{self.plane.socket}",
            "APPNET_AGENT_ADMIN_MODE": "uds",
            "APPNET_AGENT_ADMIN_UDS_PATH": str(folder / "agent.sock"),
            "LISTENER_DRAIN_WAIT_TIME_S": "4",
        }
        with agent_process(folder, environ, (), (*self.machines[name].within, *group)) as agent:
            yield agent

    async def come_and_go(self) -> None:
        """A task that is started, serves for a while, leaves discovery and is stopped, for ever."""
        everybody = self.names["pool.test"]
        while True:
            with self.agent("red") as agent:
                await asyncio.sleep(15)
                self.names["pool.test"] = [*everybody, self.machines["red"].address]
                await asyncio.sleep(20)
                self.names["pool.test"] = everybody
                await asyncio.sleep(3)
                agent.process.send_signal(signal.SIGTERM)
                await asyncio.to_thread(agent.process.wait, 60)


@contextlib.asynccontextmanager
async def running_scene(directory: Path) -> AsyncIterator[Scene]:
    """All of it, ended with the block."""
    async with contextlib.AsyncExitStack() as stack:
        plane = stack.enter_context(running_control_plane(directory))
        fill(plane)
        wire = stack.enter_context(machine(*WIRE, None))
        machines = {
            name: stack.enter_context(machine(name, f"10.93.0.{number}", f"fd93::{number}", wire))
            for name, number in MACHINES.items()
        }
        names = {"pool.test": [machines[name].address for name in STEADY]}
        resolver = wire.listening(wire.address, 53, kind=socket.SOCK_DGRAM)
        await stack.enter_async_context(serving_names(resolver, names))
        apps = []
        for name, one in machines.items():
            one.intercept((HTTP,), NETWORK)
            if name != "front":
                apps.append(App(name))
                await stack.enter_async_context(answering(apps[-1], one.listening, directory))
        front = stack.enter_context(
            running_proxy(machines["front"], "mesh/soak/virtualNode/front", plane, wire.address)
        )
        scene = Scene(plane, front, Client(machines["front"]), machines, {}, apps, directory, names)
        for name in STEADY:
            scene.agents[name] = stack.enter_context(scene.agent(name))
        yield scene


def fill(plane: ControlPlane) -> None:
    """The mesh as it is before anything changes."""
    client = plane.client()
    client.create_mesh(**MESH)
    for name in POOLS:
        client.create_virtual_node(**MESH, virtualNodeName=name, spec=node_spec("pool.test"))
    backend = {"virtualService": {"virtualServiceName": SERVICE}}
    client.create_virtual_node(**MESH, virtualNodeName="front", spec={"backends": [backend]})
    listeners = [{"portMapping": {"port": HTTP, "protocol": "http"}}]
    client.create_virtual_router(**MESH, virtualRouterName="orders", spec={"listeners": listeners})
    client.create_route(**MESH, virtualRouterName="orders", routeName="all", spec=route_spec(100))
    provider = {"virtualRouter": {"virtualRouterName": "orders"}}
    client.create_virtual_service(**MESH, virtualServiceName=SERVICE, spec={"provider": provider})


def node_spec(hostname: str) -> dict[str, object]:
    """A node that answers HTTP under a name."""
    return {
        "listeners": [{"portMapping": {"port": HTTP, "protocol": "http"}}],
        "serviceDiscovery": {"dns": {"hostname": hostname, "responseType": "ENDPOINTS"}},
    }


def route_spec(weight: int, targets: tuple[str, ...] = POOLS) -> dict[str, object]:
    """A route that splits between two nodes."""
    shares = (weight, 100 - weight)
    targeted = [{"virtualNode": name, "weight": n} for name, n in zip(targets, shares, strict=True)]
    return {"httpRoute": {"match": {"prefix": "/"}, "action": {"weightedTargets": targeted}}}
