"""A secret discovery service for tests, as SPIRE or another agent beside a proxy would be.

Source: Envoy secret discovery service, `StreamSecrets`.
"""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import grpc
from envoy.extensions.transport_sockets.tls.v3.secret_pb2 import Secret
from envoy.service.discovery.v3.discovery_pb2 import DiscoveryRequest, DiscoveryResponse
from google.protobuf.any_pb2 import Any as Packed

from tests.support.pki import Pair

SERVICE: Final = "envoy.service.secret.v3.SecretDiscoveryService"


@dataclass
class Secrets:
    """What the service knows, by name; each change goes to every stream that watches it."""

    known: dict[str, Secret] = field(default_factory=dict)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def show(self, name: str, pair: Pair) -> None:
        """Have a certificate under a name."""
        secret = Secret(name=name)
        secret.tls_certificate.certificate_chain.inline_string = pair.chain
        secret.tls_certificate.private_key.inline_string = pair.key
        await self._put(secret)

    async def trust(self, name: str, roots: str) -> None:
        """Have roots under a name."""
        secret = Secret(name=name)
        secret.validation_context.trusted_ca.inline_string = roots
        await self._put(secret)

    async def _put(self, secret: Secret) -> None:
        async with self.changed:
            self.known[secret.name] = secret
            self.changed.notify_all()

    async def stream(self, requests: AsyncIterator[DiscoveryRequest], _: Any) -> AsyncIterator[bytes]:
        """One stream is about one secret."""
        asked = await anext(requests)
        (name,) = asked.resource_names
        reading = asyncio.ensure_future(_read_on(requests))
        try:
            last = None
            for number in itertools.count(1):
                async with self.changed:
                    await self.changed.wait_for(lambda last=last: self.known.get(name) not in (None, last))  # type: ignore[misc]
                    last = self.known[name]
                packed = Packed()
                packed.Pack(last)
                said = DiscoveryResponse(
                    version_info=str(number), nonce=str(number), type_url=asked.type_url, resources=[packed]
                )
                yield said.SerializeToString()
        finally:
            reading.cancel()


async def _read_on(requests: AsyncIterator[DiscoveryRequest]) -> None:
    async for _ in requests:
        pass


@contextlib.asynccontextmanager
async def serving_secrets(socket: Path) -> AsyncIterator[Secrets]:
    """The service on a socket in the file system."""
    secrets = Secrets()
    method = grpc.stream_stream_rpc_method_handler(
        secrets.stream, request_deserializer=DiscoveryRequest.FromString
    )
    server = grpc.aio.server()
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler(SERVICE, {"StreamSecrets": method}),)
    )
    server.add_insecure_port(f"unix:{socket}")
    await server.start()
    try:
        yield secrets
    finally:
        await server.stop(0)
