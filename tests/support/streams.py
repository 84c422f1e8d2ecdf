"""A gRPC client that opens a stream as a proxy would, with whatever credentials a test gives it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Final

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import grpc
import grpc.aio
from envoy.service.discovery.v3.discovery_pb2 import DeltaDiscoveryRequest

from gossamer.xds.admission import DISCOVERY as SERVICE
from tests.support.access_keys import Key

METHOD: Final = f"/{SERVICE}/DeltaAggregatedResources"
CLUSTERS: Final = "type.googleapis.com/envoy.config.cluster.v3.Cluster"
PATIENCE_S: Final = 20

Metadata = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Ended:
    """How a stream was refused."""

    code: str
    why: str


async def opened(
    address: str,
    node: str,
    metadata: Metadata = (),
    credentials: grpc.ChannelCredentials | None = None,
    options: Sequence[tuple[str, str]] = (),
) -> Ended | None:
    """Open a stream and ask for clusters; None if they came."""
    channel = (
        grpc.aio.insecure_channel(address, options=options)
        if credentials is None
        else grpc.aio.secure_channel(address, credentials, options=options)
    )
    async with channel, asyncio.timeout(PATIENCE_S):
        return await _ended(channel, node, metadata)


async def held(address: str, node: str, metadata: Metadata, then: Callable[[], None]) -> Ended | None:
    """Open a stream, do something once it is served, and tell how it ends."""
    async with grpc.aio.insecure_channel(address) as channel, asyncio.timeout(PATIENCE_S):
        return await _ended(channel, node, metadata, then)


async def _ended(
    channel: grpc.aio.Channel, node: str, metadata: Metadata, then: Callable[[], None] | None = None
) -> Ended | None:
    # Python's client, not Envoy, loses the status if the stream is refused while it still writes.
    while (found := await _attempt(channel, node, metadata, then)) == Ended(
        "INTERNAL", "Internal error from Core"
    ):
        await asyncio.sleep(0)
    return found


async def _attempt(
    channel: grpc.aio.Channel, node: str, metadata: Metadata, then: Callable[[], None] | None = None
) -> Ended | None:
    async def requests() -> AsyncIterator[DeltaDiscoveryRequest]:
        request = DeltaDiscoveryRequest(type_url=CLUSTERS)
        request.node.id = node
        yield request
        await asyncio.Event().wait()

    call = channel.stream_stream(METHOD, DeltaDiscoveryRequest.SerializeToString)(
        requests(), metadata=metadata
    )
    try:
        async for _ in call:
            if then is None:
                return None
            then()
            then = _nothing
    except grpc.aio.AioRpcError as error:
        return Ended(error.code().name, error.details() or "")
    return Ended((await call.code()).name, await call.details() or "")


def _nothing() -> None:
    """Once is enough."""


def signature(key: Key, host: str, service: str = "appmesh") -> Metadata:
    """The headers that botocore's signer gives a request, without a body, as gRPC's aws_iam plugin does."""
    request = botocore.awsrequest.AWSRequest("POST", f"https://{host}{METHOD}", {"Host": host})
    credentials = botocore.credentials.Credentials(key.id, key.secret, key.token)
    botocore.auth.SigV4Auth(credentials, service, "us-west-2").add_auth(request)
    return tuple((name.lower(), value) for name, value in request.headers.items() if name.lower() != "host")
