"""A mesh that goes on while something breaks: traffic through a real Envoy, writers, and a judge."""

import asyncio
import contextlib
import json
import os
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from tests.e2e.test_control_plane import SERVICE
from tests.support.control_plane import ControlPlane
from tests.support.envoy import Envoy, eventually
from tests.support.ledger import Ledger, Writer, weight_of
from tests.support.starting import run

#: Whether to break more, and for longer.
IS_FULL = bool(os.environ.get("GOSSAMER_FAULTS"))


@dataclass
class Traffic:
    """Requests without a pause, and how they ended."""

    answers: Counter[str] = field(default_factory=Counter)

    async def run(self, session: aiohttp.ClientSession) -> None:
        """For ever."""
        while True:
            try:
                async with session.get(f"http://{SERVICE}/") as response:
                    text = await response.text()
                    self.answers[text if response.status == 200 else f"{response.status} {text[:100]}"] += 1
            except (aiohttp.ClientError, OSError) as error:
                self.answers[repr(error)] += 1
            await asyncio.sleep(0.005)

    async def has_flowed(self) -> bool:
        """Whether there was enough to notice anything."""
        return self.answers.total() > 50

    def check(self) -> None:
        """No request failed."""
        assert set(self.answers) <= {"8081", "8082"}, self.answers


@contextlib.asynccontextmanager
async def traffic_through(envoy: Envoy) -> AsyncIterator[Traffic]:
    """Traffic while the block lasts, from when it flows; at the end no request may have failed."""
    async with envoy.client() as session:

        async def flows() -> bool:
            with contextlib.suppress(aiohttp.ClientError, OSError):
                async with session.get(f"http://{SERVICE}/") as response:
                    return bool(response.status == 200)
            return False

        await eventually(flows, "traffic flows", within_s=60)
        traffic = Traffic()
        running = asyncio.ensure_future(traffic.run(session))
        try:
            yield traffic
            # A fault that was over quickly may have come before any of it.
            await eventually(traffic.has_flowed, "traffic flowed", within_s=60)
        finally:
            running.cancel()
            await asyncio.wait([running])
        traffic.check()


@contextlib.asynccontextmanager
async def writers(ledger: Ledger, clients: Sequence[Callable[[], Any]], seed: int) -> AsyncIterator[None]:
    """Writers, one a client, until the block ends."""
    made = [
        Writer(ledger, f"w{number}", random.Random(seed * 100 + number), client)
        for number, client in enumerate(clients)
    ]

    async def all_of_them() -> None:
        await asyncio.gather(*(asyncio.to_thread(one.run) for one in made))

    running = asyncio.ensure_future(all_of_them())
    try:
        yield
    finally:
        ledger.is_over.set()
        await running


async def acknowledged(ledger: Ledger, more: int, within_s: float = 120) -> None:
    """Wait until so many writes more were acknowledged."""
    wanted = ledger.acknowledged + more

    async def is_enough() -> bool:
        return ledger.acknowledged >= wanted

    await eventually(is_enough, f"{more} writes more", within_s)


async def in_agreement(plane: ControlPlane, envoy: Envoy) -> None:
    """Wait until Envoy runs what the API tells."""
    wanted = await asyncio.to_thread(weight_of, plane.client())

    async def agrees() -> bool:
        return await weight_in(envoy) == wanted

    await eventually(agrees, f"Envoy splits by {wanted}", within_s=60)


async def weight_in(envoy: Envoy) -> int | None:
    """How much of its traffic Envoy sends to the first node, by its own account."""
    dump = json.loads(await envoy.get("/config_dump?resource=dynamic_route_configs"))
    for one in dump["configs"]:
        hosts = one["route_config"].get("virtual_hosts", [])
        for route in (route for host in hosts for route in host["routes"]):
            action = route.get("route", {})
            if "cluster" in action:
                return 100 * ("_v1_" in action["cluster"])
            for cluster in action.get("weighted_clusters", {}).get("clusters", []):
                if "_v1_" in cluster["name"]:
                    return int(cluster.get("weight", 0))
    return None


def check_store(*flags: str) -> None:
    """`gossamer store check` finds nothing."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GOSSAMER_")}
    done = run(("store", "check", *flags), environ)
    assert done.returncode == 0, done.stdout + done.stderr


def data_of(directory: Path) -> tuple[str, str]:
    """The flags of the database of a control plane in a test's directory."""
    return ("--data-dir", str(directory / "data"))
