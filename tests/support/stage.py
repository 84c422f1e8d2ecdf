"""The stage of the behaviour tests: machines with real sidecars and applications, and a control plane.

    front    has a sidecar (virtualNode/front), an application, and the clients that most tests use
    blue     has a sidecar (virtualNode/blue) and an application
    green    has a sidecar (virtualNode/green) and an application
    gate     has the Envoy of virtualGateway/gate, which listens on 8000, and on what else the mesh says
    outside  has an application and clients, and no sidecar

Everything that a machine with a sidecar opens or is sent is intercepted as in production. A stage is made
once and shared by many tests: each only shows it another mesh, `await stage.show(mesh(...))`, which returns
once every proxy runs it. Each test begins with applications that have seen nothing and with the names of the
machines in DNS.
"""

import contextlib
import socket
import tempfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from gossamer.mesh.data_plane import FAITHFUL, DataPlane
from gossamer.mesh.surroundings import NOWHERE
from tests.support.answering import GRPC, HTTP, HTTP2, HTTP_AGAIN, SPEAKS_FIRST, TCP, App, answering
from tests.support.calling import Client
from tests.support.dns import serving_names
from tests.support.envoy import RunningEnvoy, eventually
from tests.support.goldens import mesh_of
from tests.support.machine import Machine, machine, running_proxy
from tests.support.plane import Plane, running_plane
from tests.support.sds import Secrets, serving_secrets
from tests.support.stage_mesh import mesh

NETWORK: Final = "10.88.0.0/24"
WIRE: Final = ("wire", "10.88.0.1", "fd88::1")
MACHINES: Final = {"front": 2, "blue": 3, "green": 4, "gate": 5, "outside": 6}
#: Who has a sidecar, and what it speaks for.
SIDECARS: Final = {name: f"mesh/shop/virtualNode/{name}" for name in ("front", "blue", "green")}
GATEWAYS: Final = {"gate": "mesh/shop/virtualGateway/gate"}
APP_PORTS: Final = (HTTP, HTTP2, GRPC, TCP, SPEAKS_FIRST, HTTP_AGAIN)


@dataclass
class Stage:
    """All of it. `names` is what DNS answers: `blue.test` is IPv4, `blue6.test` the same machine's IPv6."""

    plane: Plane
    wire: Machine
    machines: dict[str, Machine] = field(default_factory=dict)
    apps: dict[str, App] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)
    envoys: dict[str, RunningEnvoy] = field(default_factory=dict)
    names: dict[str, list[str]] = field(default_factory=dict)
    #: The secret discovery service beside every sidecar.
    secrets: Secrets = field(default_factory=Secrets)
    #: How proxies work unless a test says otherwise.
    usual: DataPlane = FAITHFUL

    @property
    def front(self) -> Client:
        """The clients beside the sidecar of `front`."""
        return self.clients["front"]

    @property
    def outside(self) -> Client:
        """The clients of a machine that is not in the mesh."""
        return self.clients["outside"]

    async def show(self, written: Mapping[str, object]) -> None:
        """Make the mesh be exactly this one, and return once every proxy runs it."""
        self.plane.show(mesh_of(written))
        await self.settled()

    def use(self, data_plane: DataPlane) -> None:
        """Have proxies work otherwise than App Mesh's, from the next mesh on that is shown."""
        self.plane.reconciler.data_plane = data_plane

    async def settled(self) -> None:
        """Return once every proxy runs all that it should."""
        await eventually(self.is_applied, f"applied: {self.plane.refusals()}")
        assert self.plane.refusals() == []

    async def is_applied(self) -> bool:
        """Whether every proxy is connected, and runs all that is published; or one has refused something."""
        if self.plane.refusals():
            return True
        if len(self.plane.proxies()) < len(self.envoys) or not await self.plane.is_in_sync():
            return False
        return all([await _is_settled(envoy) for envoy in self.envoys.values()])

    def forget(self) -> None:
        """Be as new: applications, and names."""
        for app in self.apps.values():
            app.forget()
        self.names.clear()
        self.secrets.known.clear()
        self.plane.reconciler.surround(NOWHERE)
        self.use(self.usual)
        for name, one in self.machines.items():
            self.names[f"{name}.test"] = [one.address]
            self.names[f"{name}6.test"] = [one.address_v6]


async def _is_settled(envoy: RunningEnvoy) -> bool:
    """Whether what was applied takes all traffic: it waits for nothing, and nothing older is left."""
    stats = (await envoy.get("/stats?filter=(warming|draining)")).splitlines()
    return bool(stats) and all(line.endswith(": 0") for line in stats)


@contextlib.asynccontextmanager
async def running_stage(drain_s: int = 0, told_all: frozenset[str] = frozenset()) -> AsyncIterator[Stage]:
    """A stage, gone with the tests; needs the right to make network namespaces.

    A listener that changes is gone at once, with its connections, unless `drain_s` gives them time: for tests
    of changes under load. Each change of a listener then takes that long to be applied.
    """
    async with contextlib.AsyncExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="stage")))
        plane = await stack.enter_async_context(running_plane(directory))
        wire = stack.enter_context(machine(*WIRE, None))
        stage = Stage(plane, wire)
        stage.secrets = await stack.enter_async_context(serving_secrets(directory / "sds.sock"))
        for name, number in MACHINES.items():
            made = stack.enter_context(machine(name, f"10.88.0.{number}", f"fd88::{number}", wire))
            stage.machines[name] = made
            stage.apps[name] = App(name)
            stage.clients[name] = Client(made, stage.names)
            await stack.enter_async_context(answering(stage.apps[name], made.listening, directory))
        names = wire.listening(wire.address, 53, kind=socket.SOCK_DGRAM)
        await stack.enter_async_context(serving_names(names, stage.names))
        stage.forget()
        stage.plane.show(mesh_of(mesh()))
        for name in SIDECARS:
            stage.machines[name].intercept(APP_PORTS, NETWORK)
        for name, endpoint in {**SIDECARS, **GATEWAYS}.items():
            proxy = running_proxy(
                stage.machines[name],
                endpoint,
                plane,
                wire.address,
                drain_s=drain_s,
                is_told_all=name in told_all,
            )
            stage.envoys[name] = stack.enter_context(proxy)
        await eventually(stage.is_applied, "every sidecar in sync", within_s=60)
        yield stage
