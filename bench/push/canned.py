"""The least that a management server can be: it sends everybody the same bytes, and reads what comes back.

`python -m bench.push.canned SOCKET ROUTES BYTES` serves on the same gRPC server as ours; `server.Told` is how
it is told.
"""

import asyncio
import sys
import time
from dataclasses import dataclass, field
from typing import Any

import grpc
import grpc.aio
import uvloop
from envoy.service.discovery.v3.discovery_pb2 import DeltaDiscoveryRequest, DeltaDiscoveryResponse

from bench.crowd.member import ROUTE, WHOLE
from gossamer.xds.admission import DISCOVERY as SERVICE
from gossamer.xds.door import OPTIONS


@dataclass(slots=True)
class Canned:
    """Every stream of it, and how many acknowledgements of routes came; at `wanted` it says so."""

    routes: str
    body: bytes
    streams: list[Any] = field(default_factory=list)
    acks: int = 0
    wanted: int = 0

    async def serve(self, _: object, call: Any) -> None:
        """Answer what a client begins with, then only listen."""
        await call.read()
        for type_url in (*WHOLE, ROUTE):
            await call.write(self._answer(type_url, "first"))
        self.streams.append(call)
        while (request := await call.read()) is not grpc.aio.EOF:
            if request.response_nonce and request.type_url == ROUTE:
                self.acks += 1
                if self.acks == self.wanted:
                    say(f"acked {time.time():.6f}")

    async def push(self, wanted: int) -> None:
        """Send routes to everybody."""
        self.wanted = wanted
        answer = self._answer(ROUTE, str(wanted))
        await asyncio.gather(*(call.write(answer) for call in self.streams))

    def _answer(self, type_url: str, nonce: str) -> bytes:
        answer = DeltaDiscoveryResponse(type_url=type_url, nonce=nonce)
        answer.resources.add(name=self.routes, version=nonce).resource.value = self.body
        return answer.SerializeToString()


def say(line: str) -> None:
    """One line out."""
    print(line, flush=True)


async def main(socket: str, routes: str, size: int) -> None:
    """Serve until there are no more lines."""
    canned = Canned(routes, b"x" * size)
    server = grpc.aio.server(options=OPTIONS)
    handler = grpc.stream_stream_rpc_method_handler(
        canned.serve, request_deserializer=DeltaDiscoveryRequest.FromString
    )
    methods = {"DeltaAggregatedResources": handler}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, methods),))
    server.add_insecure_port(f"unix:{socket}")
    await server.start()
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    say("ready")
    while line := await lines.readline():
        await canned.push(int(line.split()[1]))
    await server.stop(0)


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
