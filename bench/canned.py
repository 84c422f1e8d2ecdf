"""The least that a management server can be: it sends everybody the same bytes, and reads what comes back."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
from envoy.service.discovery.v3.discovery_pb2 import DeltaDiscoveryRequest, DeltaDiscoveryResponse

from bench.crowd.member import ROUTE, WHOLE
from gossamer.xds.admission import DISCOVERY as SERVICE
from gossamer.xds.door import OPTIONS


@dataclass(slots=True)
class Canned:
    """Every stream of it, and how many acknowledgements came."""

    routes: str
    body: bytes
    streams: list[Any] = field(default_factory=list)
    acks: int = 0

    async def serve(self, _: object, call: Any) -> None:
        """Answer what a client begins with, then only listen."""
        await call.read()
        for type_url in (*WHOLE, ROUTE):
            await call.write(self._answer(type_url, "first"))
        self.streams.append(call)
        while (request := await call.read()) is not grpc.aio.EOF:
            self.acks += bool(request.response_nonce)

    async def push(self, nonce: str) -> None:
        """Send the routes to everybody."""
        answer = self._answer(ROUTE, nonce)
        await asyncio.gather(*(call.write(answer) for call in self.streams))

    def _answer(self, type_url: str, nonce: str) -> bytes:
        answer = DeltaDiscoveryResponse(type_url=type_url, nonce=nonce)
        answer.resources.add(name=self.routes, version=nonce).resource.value = self.body
        return answer.SerializeToString()


@contextlib.asynccontextmanager
async def canned_server(socket: Path, routes: str, body: bytes) -> AsyncIterator[Canned]:
    """Such a server on a Unix socket; it sends one resource of that name."""
    canned = Canned(routes, body)
    server = grpc.aio.server(options=OPTIONS)
    handler = grpc.stream_stream_rpc_method_handler(
        canned.serve, request_deserializer=DeltaDiscoveryRequest.FromString
    )
    methods = {"DeltaAggregatedResources": handler}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, methods),))
    server.add_insecure_port(f"unix:{socket}")
    await server.start()
    try:
        yield canned
    finally:
        await server.stop(0)
