"""One call as gRPC hands it over: what a stream reads, writes, shows, and how it is refused."""

from collections.abc import Iterable, Mapping
from typing import Final, NoReturn, Protocol, TypeVar

import grpc
from envoy.service.discovery.v3.discovery_pb2 import DeltaDiscoveryRequest, DiscoveryRequest

from gossamer.xds.admission import Presented
from gossamer.xds.stream import Request

Read_co = TypeVar("Read_co", DiscoveryRequest, DeltaDiscoveryRequest, covariant=True)


class Call(Protocol[Read_co]):
    """The part of gRPC's servicer context that a stream uses."""

    async def read(self) -> Read_co:
        """The next request, or gRPC's `EOF`."""
        ...

    async def write(self, message: bytes) -> None:
        """Send one answer."""
        ...

    async def abort(self, code: grpc.StatusCode, details: str) -> NoReturn:
        """End the stream with a status."""
        ...

    def peer(self) -> str:
        """Where the stream comes from."""
        ...

    def auth_context(self) -> Mapping[str, Iterable[bytes]]:
        """What its connection proved."""
        ...

    def invocation_metadata(self) -> Iterable[tuple[str, str | bytes]] | None:
        """The headers that it came with."""
        ...


#: What a refusal counts as, where its code tells all.
REASONS: Final = {
    grpc.StatusCode.UNAUTHENTICATED: "unauthenticated",
    grpc.StatusCode.PERMISSION_DENIED: "forbidden",
    grpc.StatusCode.INVALID_ARGUMENT: "invalid",
    grpc.StatusCode.RESOURCE_EXHAUSTED: "too_many",
    grpc.StatusCode.UNAVAILABLE: "unavailable",
}


class Refused(Exception):
    """The stream cannot be served: a status code and a sentence, and what metrics count it as."""

    def __init__(self, code: grpc.StatusCode, why: str, reason: str = "") -> None:
        self.code = code
        self.why = why
        self.reason = reason or REASONS[code]
        super().__init__(why)


def presented(call: Call[Request], method: str) -> Presented:
    """What a stream shows of itself."""
    security = call.auth_context()
    uris = tuple(value.decode("utf-8", "replace") for value in security.get("peer_uri", ()))
    metadata = {key: value for key, value in call.invocation_metadata() or () if isinstance(value, str)}
    peer = call.peer()
    return Presented(method, metadata, uris, is_local=peer.startswith("unix:"), peer=peer)
