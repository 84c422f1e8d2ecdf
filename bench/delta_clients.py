"""Many light delta streams in one process: `python -m bench.delta_clients TARGET COUNT NODE`.

Each subscribes to all clusters and one route configuration, and acknowledges what it gets. Prints one line
when all have their first answers, then one for each round: the moment when the last had the new routes.
"""

import asyncio
import sys
import time

import grpc.aio
from envoy.service.discovery.v3.discovery_pb2 import DeltaDiscoveryRequest, DeltaDiscoveryResponse

METHOD = "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources"
CLUSTER = "type.googleapis.com/envoy.config.cluster.v3.Cluster"
ROUTE = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration"


class Clients:
    """How many answers with routes have come."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.answers = 0

    async def run(self, target: str, node: str) -> None:
        """One client, for ever."""
        options = [("grpc.use_local_subchannel_pool", 1)]
        async with grpc.aio.insecure_channel(target, options=options) as channel:
            call = channel.stream_stream(METHOD)()
            first = DeltaDiscoveryRequest(type_url=CLUSTER)
            first.node.id = node
            await call.write(first.SerializeToString())
            routes = DeltaDiscoveryRequest(type_url=ROUTE, resource_names_subscribe=["rds_egress_http_80"])
            await call.write(routes.SerializeToString())
            while (raw := await call.read()) is not grpc.aio.EOF:
                answer = DeltaDiscoveryResponse.FromString(raw)
                ack = DeltaDiscoveryRequest(type_url=answer.type_url, response_nonce=answer.nonce)
                await call.write(ack.SerializeToString())
                if answer.type_url == ROUTE:
                    self.answers += 1
                    if self.answers % self.count == 0:
                        print(time.time(), flush=True)


async def main(target: str, count: int, node: str) -> None:
    """All of them."""
    clients = Clients(count)
    await asyncio.gather(*(clients.run(target, node) for _ in range(count)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
