"""One real Envoy that is asked, configuration after configuration, whether it takes them.

Over ADS from the real management server, so that what is judged is what a proxy would get; but without a mesh
behind it, so that one Envoy can speak for every node of every mesh.
"""

import asyncio
import contextlib
import dataclasses
import itertools
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import aiohttp
from envoy.config.cluster.v3.cluster_pb2 import Cluster

from gossamer.clock import SystemClock
from gossamer.compile.resources import Compiled, Resources
from gossamer.compile.wish import Wishes
from gossamer.xds import wire
from gossamer.xds.hub import Channel, Hub
from gossamer.xds.node_id import NodeId
from gossamer.xds.protocol import Published
from gossamer.xds.server import XdsServer
from gossamer.xds.status import TypeStatus
from tests.support import random_specs
from tests.support.envoy import eventually, running_envoy
from tests.support.goldens import CERTIFICATES
from tests.support.pki import Pair
from tests.support.sds import Secrets, serving_secrets

NODE: Final = "mesh/any/virtualNode/any"

#: What must be zero for all that was sent to be in use.
WARMING: Final = ("cluster_manager.warming_clusters", "listener_manager.total_listeners_warming")
REJECTED: Final = ("cluster_manager.cds.update_rejected", "listener_manager.lds.update_rejected")

#: How soon a first health check that failed is tried again.
CHECKED_AGAIN_NS: Final = 50_000_000


class Judge:
    """An Envoy, and the channel that feeds it."""

    def __init__(self, directory: Path, program: Path | None) -> None:
        self._directory = directory
        self._program = program
        self._channel = Channel("any", Published({}))
        self._running = contextlib.AsyncExitStack()
        self._admin: aiohttp.ClientSession
        self._starts = itertools.count()

    async def refusals(self, resources: Resources) -> list[str]:
        """Give Envoy exactly these resources; what it refused of them, in its own words.

        After a refusal comes a new Envoy: what was refused is not sent a second time, and a failing mesh is
        tried often.
        """
        self._channel.publish(wire.published(_impatient(resources), self._channel.published))
        await self._settled()
        said = [one.refusal for one in self._types() if one.refusal]
        if said or await self.rejected():
            await self.stop()
            self._channel.published = Published({})
            await self.start()
        return said

    async def rejected(self) -> int:
        """How many updates this Envoy has rejected, by its own count."""
        found = await self._stats("[.]update_rejected$")
        assert found.keys() >= set(REJECTED)
        return sum(found.values())

    def build(self) -> str:
        """Which Envoy this is."""
        (connection,) = self._channel.connections
        return connection.status.build

    async def start(self) -> None:
        """Begin with an Envoy that runs nothing."""
        number = next(self._starts)
        envoy = self._running.enter_context(
            running_envoy(NODE, self.socket, self._directory, f"judge{number}", program=self._program)
        )
        connector = aiohttp.UnixConnector(str(envoy.admin))
        self._admin = await self._running.enter_async_context(aiohttp.ClientSession(connector=connector))
        await eventually(self._is_connected, "the proxy connected")

    async def stop(self) -> None:
        """End the Envoy."""
        await self._running.aclose()
        await eventually(self._is_alone, "the proxy gone")

    @property
    def socket(self) -> Path:
        """Where Envoy finds us."""
        return self._directory / "xds.sock"

    def channel(self, node: NodeId, wishes: Wishes) -> Channel:  # noqa: ARG002 - one for all
        """Whoever connects gets our one channel."""
        return self._channel

    async def _is_connected(self) -> bool:
        return any(connection.status.in_sync for connection in self._channel.connections)

    async def _is_alone(self) -> bool:
        return not self._channel.connections

    def _types(self) -> list[TypeStatus]:
        (connection,) = self._channel.connections
        return list(connection.status.types.values())

    async def _settled(self) -> None:
        """Wait until Envoy has spoken about all of it, and what it took is in use."""
        async with asyncio.timeout(60):
            for wait_s in itertools.chain([0.001] * 20, itertools.repeat(0.01)):
                if self._has_spoken() and (await self._is_warm() and self._has_spoken()):
                    return
                await asyncio.sleep(wait_s)

    def _has_spoken(self) -> bool:
        """Whether nothing is on its way; a refusal ends the wait too."""
        (connection,) = self._channel.connections
        types = self._types()
        is_quiet = all(one.sent == one.acked + one.refused for one in types)
        return any(one.refusal for one in types) or (is_quiet and connection.status.in_sync)

    async def _is_warm(self) -> bool:
        warming = await self._stats("^(cluster_manager|listener_manager)[.].*warming.*$")
        assert warming.keys() >= set(WARMING)
        return not any(warming.values()) or any(one.refusal for one in self._types())

    async def _stats(self, pattern: str) -> dict[str, int]:
        asked = {"format": "json", "filter": pattern}
        async with self._admin.get("http://envoy/stats", params=asked) as answer:
            found = json.loads(await answer.text())["stats"]
        return {one["name"]: int(one["value"]) for one in found}


def _impatient(resources: Resources) -> Resources:
    """The same, but that a cluster without traffic has its health checked all the time.

    A first check that runs before the cluster has its secrets fails at once and does not count as the one
    that a warming cluster waits for; the next comes after the interval of the policy, up to a minute later.
    """
    return Resources.holding(*(_checked_often(one) for one in resources.compiled))


def _checked_often(one: Compiled) -> Compiled:
    if not (isinstance(one.message, Cluster) and one.message.health_checks):
        return one
    message = Cluster()
    message.CopyFrom(one.message)
    for check in message.health_checks:
        check.no_traffic_interval.FromNanoseconds(CHECKED_AGAIN_NS)
    return dataclasses.replace(one, own=message, is_shared=False)


@contextlib.asynccontextmanager
async def judging_envoy(directory: Path, program: Path | None = None) -> AsyncIterator[Judge]:
    """An Envoy with nothing to run yet, ended when the test is; `program` is one other than the usual."""
    judge = Judge(directory, program)
    server = XdsServer(Hub(judge, proxies_per_endpoint=1), SystemClock(), [f"unix:{judge.socket}"])
    async with serving_secrets(directory / "sds.sock") as secrets:
        await show_all(secrets)
        await server.start()
        try:
            await judge.start()
            yield judge
        finally:
            await judge.stop()
            await server.stop(grace_s=0)


async def show_all(secrets: Secrets) -> None:
    """Have every name that drawn meshes use."""
    pair = Pair((CERTIFICATES / "chain.pem").read_text(), (CERTIFICATES / "key.pem").read_text())
    for name in random_specs.SECRETS:
        await secrets.show(name, pair)
    for name in random_specs.ROOTS:
        await secrets.trust(name, pair.chain)
