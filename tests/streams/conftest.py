"""A management server with one endpoint, whatever it is to run, on a Unix socket."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from envoy.config.cluster.v3.cluster_pb2 import Cluster

from gossamer.clock import SystemClock
from gossamer.compile.resources import Compiled, ResourceType
from gossamer.compile.wish import Wishes
from gossamer.xds import wire
from gossamer.xds.door import Door
from gossamer.xds.hub import Channel, Hub
from gossamer.xds.node_id import NodeId
from gossamer.xds.protocol import Published
from gossamer.xds.server import XdsServer

NODE = "mesh/m/virtualNode/n"


class Endpoints:
    """Every node id is the same endpoint."""

    def __init__(self) -> None:
        self.one = Channel(NODE)

    def channel(self, _: NodeId, __: Wishes) -> Channel:
        return self.one

    def publish(self, *names: str, size: int = 10) -> None:
        """Give every proxy clusters of a size."""
        compiled = [
            Compiled(ResourceType.CLUSTER, name, Cluster(name=name, alt_stat_name="x" * size))
            for name in names
        ]
        clusters = {one.name: wire.resource(one) for one in compiled}
        self.one.publish(Published({ResourceType.CLUSTER: clusters}))


@dataclass
class Plane:
    """What a test drives."""

    endpoints: Endpoints
    hub: Hub
    server: XdsServer
    address: str

    async def is_empty(self) -> bool:
        return not list(self.hub.statuses())


Running = Callable[..., AbstractAsyncContextManager[Plane]]


@pytest.fixture
def running(tmp_path: Path) -> Running:
    """Starts one; those that share endpoints are replicas of each other."""

    @asynccontextmanager
    async def started(
        name: str = "one", door: Door | None = None, endpoints: Endpoints | None = None
    ) -> AsyncIterator[Plane]:
        found = endpoints or Endpoints()
        if found.one.published is None:
            found.publish("a", "b")
        hub = Hub(found, proxies_per_endpoint=10_000)
        address = f"unix:{tmp_path / name}.sock"
        server = XdsServer(hub, SystemClock(), [address], door)
        await server.start()
        try:
            yield Plane(found, hub, server, address)
        finally:
            await server.stop(grace_s=0)

    return started
