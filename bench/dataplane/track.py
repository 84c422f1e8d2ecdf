"""The track: for each way a caller, a callee and a gateway, each on a machine with its own Envoy.

Traffic is intercepted as in production. All of them are there at once, so that rounds can take turns; who is
not asked sleeps.
"""

import asyncio
import contextlib
import json
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

import aiohttp

from bench.dataplane.load import NoLoad
from bench.dataplane.minimal import minimal
from bench.dataplane.ways import APP_MESH, Way
from gossamer.sidecar.binary import envoy_path
from gossamer.sidecar.env import settings
from gossamer.sidecar.stats import FLUSH_INTERVAL
from tests.support.answering import HTTP
from tests.support.calling import NOWHERE, Client
from tests.support.dns import serving_names
from tests.support.envoy import RunningEnvoy, eventually
from tests.support.goldens import mesh_of
from tests.support.machine import HAS_GROUPS, PROXY_GID, Machine, machine, running_proxy
from tests.support.network_namespace import ENVIRON
from tests.support.plane import Plane, running_plane
from tests.support.stage_mesh import GATE, Spec, mesh, node

NETWORK: Final = "10.87.0.0/16"
SERVICE: Final = "orders.test"
ROLES: Final = {
    "front": "mesh/shop/virtualNode/front",
    "blue": "mesh/shop/virtualNode/blue",
    "gate": "mesh/shop/virtualGateway/gate",
}
#: What the application answers: 24 bytes.
ANSWER: Final = "it is the answer itself\\n"
NGINX: Final = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log crit;
events {{ worker_connections 4096; }}
http {{
  access_log off; keepalive_requests 100000000; keepalive_timeout 600s;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{ listen {port} backlog=4096; location / {{ return 200 "{answer}"; }} }}
}}
"""


@dataclass
class Lane:
    """Everything of one way."""

    way: Way
    machines: dict[str, Machine] = field(default_factory=dict)
    answered: str = "nothing"
    envoys: dict[str, RunningEnvoy] = field(default_factory=dict)

    @property
    def pids(self) -> dict[str, int]:
        """Its Envoys."""
        return {role: envoy.process.pid for role, envoy in self.envoys.items()}

    @property
    def gate(self) -> str:
        """The address that its gateway is called by."""
        return f"http://{self.machines['gate'].address}:{GATE}/"

    async def is_answering(self, outside: Machine) -> bool:
        """Whether requests arrive by both paths."""
        ways_in = ((self.machines["front"], f"http://{NOWHERE}/"), (outside, self.gate))
        with contextlib.suppress(aiohttp.ClientError, OSError):
            answers = [await Client(one).http(url, headers={"Host": SERVICE}) for one, url in ways_in]
            self.answered = str(answers)
            return all(answer.status == 200 for answer in answers)
        return False


@dataclass
class Track:
    """All lanes, and a machine without a sidecar."""

    wire: Machine
    outside: Machine
    lanes: dict[str, Lane] = field(default_factory=dict)
    #: What DNS answers.
    names: dict[str, list[str]] = field(default_factory=dict)


@contextlib.asynccontextmanager
async def running_track(ways: tuple[Way, ...], directory: Path) -> AsyncIterator[Track]:
    """A track on which every lane answers."""
    async with contextlib.AsyncExitStack() as stack:
        wire = stack.enter_context(machine("wire", "10.87.0.1", "fd87::1", None))
        outside = stack.enter_context(machine("outside", "10.87.0.2", "fd87::2", wire))
        track = Track(wire, outside)
        where = wire.listening(wire.address, 53, kind=socket.SOCK_DGRAM)
        await stack.enter_async_context(serving_names(where, track.names))
        for number, way in enumerate(ways):
            track.lanes[way.name] = await _lane(stack, track, way, number, directory)
        for lane in track.lanes.values():
            try:
                await eventually(partial(lane.is_answering, outside), "answers", within_s=30)
            except AssertionError as error:
                raise NoLoad(f"{lane.way.name} answers {lane.answered}") from error
        yield track


async def _lane(
    stack: contextlib.AsyncExitStack, track: Track, way: Way, number: int, directory: Path
) -> Lane:
    lane, folder = Lane(way), directory / way.name
    folder.mkdir()
    for place, role in enumerate(ROLES):
        host = 10 + number * len(ROLES) + place
        address = (f"10.87.0.{host}", f"fd87::{host}")
        lane.machines[role] = stack.enter_context(machine(f"{role}{number}", *address, track.wire))
    blue = lane.machines["blue"]
    track.names[f"blue{number}.test"] = [blue.address]
    for role in ("front", "blue"):
        lane.machines[role].intercept((HTTP,), NETWORK)
    stack.enter_context(_application(blue, folder))
    if lane.way.data_plane is None:
        for role, made in lane.machines.items():
            lane.envoys[role] = stack.enter_context(_by_hand(made, role, blue.address, lane.way, folder))
        return lane
    plane = await stack.enter_async_context(running_plane(folder))
    plane.reconciler.data_plane = lane.way.data_plane
    plane.show(mesh_of(_mesh(number)))
    for role, endpoint in ROLES.items():
        more = {
            "ENVOY_CONCURRENCY": str(lane.way.workers),
            # As in production; tests have it sooner.
            "ENVOY_STATS_FLUSH_INTERVAL": FLUSH_INTERVAL.default,
            # App Mesh's proxies told nobody.
            "GOSSAMER_TRAFFIC_REPORTS": str(int(lane.way is not APP_MESH)),
            **lane.way.more,
        }
        proxy = running_proxy(lane.machines[role], endpoint, plane, track.wire.address, more=more)
        lane.envoys[role] = stack.enter_context(proxy)
    await eventually(lambda: _is_served(plane), f"{lane.way.name} in sync", within_s=60)
    return lane


def _mesh(number: int) -> Spec:
    found = {"dns": {"hostname": f"blue{number}.test", "responseType": "ENDPOINTS"}}
    return mesh(nodes={"blue": node("blue", "http", serviceDiscovery=found)})


async def _is_served(plane: Plane) -> bool:
    return len(plane.proxies()) == len(ROLES) and await plane.is_in_sync()


@contextlib.contextmanager
def _application(made: Machine, folder: Path) -> Iterator[None]:
    """Answers the same to everybody.

    Raises: FileNotFoundError.
    """
    nginx = shutil.which("nginx", path=f"{ENVIRON.get('PATH', '')}:/usr/sbin")
    if nginx is None:
        raise FileNotFoundError("nginx is not installed; on Debian: apt-get install nginx-light")
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(folder=folder, port=HTTP, answer=ANSWER))
    with subprocess.Popen(
        [*made.within, nginx, "-c", str(config), "-e", str(folder / "nginx.log")]
    ) as process:
        try:
            yield
        finally:
            process.terminate()


@contextlib.contextmanager
def _by_hand(made: Machine, role: str, callee: str, way: Way, folder: Path) -> Iterator[RunningEnvoy]:
    """An Envoy with a hand-written configuration."""
    admin, config, log = (folder / f"{role}.{end}" for end in ("admin", "json", "log"))
    config.write_text(json.dumps(minimal(role, callee, admin)))
    group = ("setpriv", "--regid", str(PROXY_GID), "--clear-groups", "--") if HAS_GROUPS else ()
    envoy = envoy_path(settings({}, is_check=True)[0])
    options = (
        "-c",
        str(config),
        "--concurrency",
        str(way.workers),
        "--log-level",
        "warning",
        "--disable-hot-restart",
    )
    command = [*made.within, *group, envoy, *options]
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out, env=ENVIRON) as process:
        try:
            yield RunningEnvoy(process, admin, log)
        finally:
            process.kill()


async def settle(seconds: float) -> None:
    """Let a moment pass, so that what one round left is not counted in the next."""
    await asyncio.sleep(seconds)
