"""One call as gRPC hands it over: what a stream reads, writes, shows, and how it is refused."""

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Final, Generic, NoReturn, Protocol, TypeVar, cast

import grpc
import grpc.aio
from envoy.service.discovery.v3.discovery_pb2 import DeltaDiscoveryRequest, DiscoveryRequest
from google.protobuf.message import DecodeError

from gossamer.xds.admission import DISCOVERY, Admission, Presented, Unauthenticated, Visitor
from gossamer.xds.stream import Request
from gossamer.xds.wire import SHORT

Read_co = TypeVar("Read_co", DiscoveryRequest, DeltaDiscoveryRequest, bytes, covariant=True)


class Shown(Protocol):
    """The part of gRPC's servicer context that says who calls, and that refuses them."""

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


class Call(Shown, Protocol[Read_co]):
    """The part of gRPC's servicer context that a stream uses."""

    async def read(self) -> Read_co:
        """The next request, or gRPC's `EOF`."""
        ...

    async def write(self, message: bytes) -> None:
        """Send one answer."""
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


class Decoding(Generic[Request]):
    """A call whose requests are decoded here, so that what cannot be is refused by its name.

    Left to gRPC, a frame that is no request would end the stream with status 2, as a mistake of ours would.
    """

    __slots__ = ("_kind", "abort", "auth_context", "invocation_metadata", "peer", "read_raw", "write")

    def __init__(self, call: Call[bytes], kind: type[Request]) -> None:
        self._kind: type[Request] = kind
        #: The next request as it came, or gRPC's `EOF`; to be decoded.
        self.read_raw = call.read
        self.write = call.write
        self.abort = call.abort
        self.peer = call.peer
        self.auth_context = call.auth_context
        self.invocation_metadata = call.invocation_metadata

    async def read(self) -> Request:
        """The next request, or gRPC's `EOF`.

        Raises: Refused.
        """
        return self.decoded(await self.read_raw())

    def decoded(self, raw: bytes) -> Request:
        """A request that was read.

        Raises: Refused.
        """
        if raw is grpc.aio.EOF:
            return cast(Request, raw)
        try:
            return (_short if len(raw) <= SHORT else _parsed)(self._kind, raw)
        except DecodeError as error:
            why = f"a request is no {self._kind.DESCRIPTOR.full_name}"
            raise Refused(grpc.StatusCode.INVALID_ARGUMENT, why) from error


def _parsed(kind: type[Request], raw: bytes) -> Request:
    request = kind()
    request.ParseFromString(raw)
    return request


# Nobody changes a request.
_short = cast(Callable[[type[Request], bytes], Request], functools.lru_cache(maxsize=16)(_parsed))


class Over(Exception):
    """The stream ends in order, with status 0: its proxy comes back at once. `reason` as metrics count it."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def presented(call: Shown, method: str, service: str = DISCOVERY) -> Presented:
    """What a stream shows of itself."""
    security = call.auth_context()
    uris = tuple(value.decode("utf-8", "replace") for value in security.get("peer_uri", ()))
    metadata = {key: value for key, value in call.invocation_metadata() or () if isinstance(value, str)}
    peer = call.peer()
    return Presented(method, metadata, uris, is_local=peer.startswith("unix:"), peer=peer, service=service)


def recognized(admission: Admission, shown: Presented) -> Visitor:
    """Whoever opened a stream.

    Raises: Refused.
    """
    try:
        return admission.recognize(shown)
    except Unauthenticated as error:
        raise Refused(grpc.StatusCode.UNAUTHENTICATED, str(error)) from error
