"""Proxies as light as can be: delta streams over gRPC, many of them in one process."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Final

import grpc
import grpc.aio
from envoy.service.discovery.v3.discovery_pb2 import DeltaDiscoveryRequest, DeltaDiscoveryResponse

from tests.support.streams import CLUSTERS, METHOD

#: Each has a connection of its own, as each Envoy has.
OPTIONS: Final = (("grpc.use_local_subchannel_pool", 1), ("grpc.min_reconnect_backoff_ms", 50))


@dataclass
class LightProxy:
    """One proxy. `held` is what it has, by name and version; it keeps that over reconnects, as Envoy does."""

    address: str
    node: str
    held: dict[str, str] = field(default_factory=dict)
    #: How each of its streams ended, in words of gRPC.
    ends: list[str] = field(default_factory=list)
    #: Resources that were sent to it on the stream that it has now.
    got: int = 0
    streams: int = 0
    #: Where it goes when nobody answers at its address, as behind a load balancer.
    spare: str | None = None

    async def run(self) -> None:
        """Stay connected for ever, and acknowledge everything."""
        while True:
            end = await self._connected(self.address)
            if end == "UNAVAILABLE" and self.spare is not None:
                self.address, self.spare = self.spare, None
            elif end is not None:
                self.ends.append(end)
            await asyncio.sleep(0.02)

    async def _connected(self, address: str) -> str | None:
        """One stream on a connection of its own; how it ended, None if it was sent on to another replica."""
        async with grpc.aio.insecure_channel(address, options=OPTIONS) as channel:
            call = channel.stream_stream(METHOD)()
            self.got = 0
            with contextlib.suppress(grpc.aio.AioRpcError, asyncio.InvalidStateError):
                await call.write(request(self.node, held=self.held))
                self.streams += 1
                while (raw := await call.read()) is not grpc.aio.EOF:
                    await call.write(self._taken(DeltaDiscoveryResponse.FromString(raw)))
            # Nothing ended if the replica had begun to end before the stream came.
            is_sent_on = (await call.details() or "").endswith("another one serves you")
            return None if is_sent_on else await end_of(call)

    def _taken(self, answer: DeltaDiscoveryResponse) -> bytes:
        self.got += len(answer.resources)
        self.held.update({one.name: one.version for one in answer.resources})
        for name in answer.removed_resources:
            self.held.pop(name, None)
        return request(self.node, nonce=answer.nonce)


async def end_of(call: Any) -> str:
    """How a stream ended, in words of gRPC.

    Whoever ends the last stream of a connection in order closes that at once. gRPC's client, if it was just
    writing, gives up the connection with the end that lies there unread: that is an end in order too.
    """
    code, why = await call.code(), await call.details()
    return "OK" if "sendmsg" in (why or "") else str(code.name)


def request(node: str = "", *names: str, nonce: str = "", held: dict[str, str] | None = None) -> bytes:
    """A request about clusters: all of them, unless there are names."""
    asked = DeltaDiscoveryRequest(
        type_url=CLUSTERS,
        resource_names_subscribe=names,
        response_nonce=nonce,
        initial_resource_versions=held or {},
    )
    asked.node.id = node
    return asked.SerializeToString()


@contextlib.asynccontextmanager
async def light_proxies(address: str, node: str, count: int) -> AsyncIterator[list[LightProxy]]:
    """Many of them for one endpoint, until the test is over."""
    proxies = [LightProxy(address, node) for _ in range(count)]
    running = [asyncio.ensure_future(one.run()) for one in proxies]
    try:
        yield proxies
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


@contextlib.asynccontextmanager
async def bare_stream(address: str) -> AsyncIterator[Any]:
    """One stream to write to and read from by hand."""
    async with grpc.aio.insecure_channel(address, options=OPTIONS) as channel:
        call = channel.stream_stream(METHOD)()
        try:
            yield call
        finally:
            call.cancel()
