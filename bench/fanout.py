"""One change → a thousand delta streams have it and have acknowledged, against a server of canned bytes."""

import asyncio
import contextlib
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
from envoy.service.discovery.v3.discovery_pb2 import DeltaDiscoveryRequest, DeltaDiscoveryResponse

from bench.delta_clients import CLUSTER, ROUTE
from bench.result import Baseline, Result, Spread, at_most
from gossamer.xds.server import OPTIONS, SERVICE
from tests.e2e.test_canary import route, simpleapp
from tests.support.plane import running_plane

STREAMS = 1000
ROUNDS = 15
NODE = "mesh/simpleapp/virtualNode/a"


async def fanout() -> list[Result]:
    """Gossamer's server, then the baseline, with the same clients."""
    ours = await _gossamer()
    canned = await _canned()
    return [
        Result(
            f"one route change → {STREAMS:,} delta streams have acknowledged it",
            "ms",
            Spread.of(ours),
            goals=(at_most(100),),
            baselines=(Baseline("canned bytes", Spread.of(canned)),),
        )
    ]


async def _gossamer() -> list[float]:
    with tempfile.TemporaryDirectory() as name:
        async with running_plane(Path(name), proxies_per_endpoint=STREAMS) as plane:
            plane.show(simpleapp())

            async def change(step: int) -> None:
                plane.apply([route(v1=step + 1, v2=100)])

            return await _rounds(f"unix:{plane.socket}", change)


async def _canned() -> list[float]:
    """A server that only writes the same bytes to everybody, and reads what comes."""
    streams: list[Any] = []

    async def serve(_: object, call: Any) -> None:
        streams.append(call)
        request = DeltaDiscoveryRequest.FromString(await call.read())
        assert request.node.id == NODE
        await call.write(DeltaDiscoveryResponse(type_url=CLUSTER, nonce="0").SerializeToString())
        await call.write(_answer("first"))
        while await call.read() is not grpc.aio.EOF:
            pass

    async def change(step: int) -> None:
        body = _answer(str(step))
        await asyncio.gather(*(call.write(body) for call in streams))

    server = grpc.aio.server(options=OPTIONS)
    handler = grpc.stream_stream_rpc_method_handler(serve)
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler(SERVICE, {"DeltaAggregatedResources": handler}),)
    )
    with tempfile.TemporaryDirectory() as name:
        server.add_insecure_port(f"unix:{name}/xds.sock")
        await server.start()
        try:
            return await _rounds(f"unix:{name}/xds.sock", change)
        finally:
            await server.stop(0)


def _answer(nonce: str) -> bytes:
    answer = DeltaDiscoveryResponse(type_url=ROUTE, nonce=nonce)
    answer.resources.add(name="rds_egress_http_80", version=nonce).resource.value = b"x" * 1000
    return answer.SerializeToString()


async def _rounds(target: str, change: Callable[[int], Awaitable[None]]) -> list[float]:
    taken = []
    async with _clients(target) as lines:
        await lines.readline()
        for step in range(ROUNDS):
            await asyncio.sleep(0.3)
            begun = time.time()
            await change(step)
            taken.append((float(await lines.readline()) - begun) * 1000)
    return taken


@contextlib.asynccontextmanager
async def _clients(target: str) -> AsyncIterator[asyncio.StreamReader]:
    command = (sys.executable, "-m", "bench.delta_clients", target, str(STREAMS), NODE)
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        yield process.stdout
    finally:
        process.kill()
        await process.wait()
