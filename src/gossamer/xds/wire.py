"""Bytes: each resource serialised once, each answer put together from what is serialised already.

Serialised messages can be joined: the fields of the second follow those of the first. So an answer is its
resources' bytes, shared by every proxy, and a few bytes of its own.
Source: Protocol Buffers encoding, "Last One Wins" and repeated fields; Envoy's `DiscoveryResponse`,
`DeltaDiscoveryResponse`, `Resource`.
"""

import functools
import hashlib
from collections.abc import Mapping, Sequence
from typing import Final

from envoy.service.discovery.v3.discovery_pb2 import (
    DeltaDiscoveryRequest,
    DeltaDiscoveryResponse,
    DiscoveryRequest,
    DiscoveryResponse,
)
from envoy.service.discovery.v3.discovery_pb2 import Resource as EnvoyResource
from google.protobuf.any_pb2 import Any
from google.protobuf.message import DecodeError

from gossamer.compile.memory import remembered
from gossamer.compile.resources import Compiled, Host, Part, Resources, ResourceType
from gossamer.xds.protocol import (
    WILDCARD_TYPES,
    Accepted,
    Event,
    Made,
    Published,
    Rejected,
    Resource,
    Send,
    Subscribed,
    set_version,
)

#: Field 2, length-delimited: where `DiscoveryResponse.resources`, `DeltaDiscoveryResponse.resources`,
#: `Any.value`, `Resource.resource` and `RouteConfiguration.virtual_hosts` all live.
FIELD_2: Final = b"\x12"

#: A varint carries seven bits a byte; the eighth says that more follow.
CONTINUES: Final = 0x80

TYPES: Final = {type_.value: type_ for type_ in ResourceType}

#: What a packed message begins with: the name of its type. The message itself follows as the second field.
_TYPE_URLS: Final = {
    type_: Any(type_url=type_.value).SerializeToString(deterministic=True) for type_ in ResourceType
}


def resource(compiled: Compiled) -> Resource:
    """Serialise one message; its version is a hash of its bytes, so that replicas agree without talking."""
    message = (compiled.own.SerializeToString(deterministic=True), *map(_host_field, compiled.hosts))
    body = b"".join((_TYPE_URLS[compiled.type], *_field_2(message)))
    version = hashlib.blake2b(body, digest_size=8).hexdigest()
    any_field = b"".join(_field_2((body,)))
    named = EnvoyResource(name=compiled.name, version=version).SerializeToString(deterministic=True)
    delta_field = b"".join(_field_2((named, any_field)))
    return Resource(compiled.name, version, compiled.needs, any_field, delta_field)


#: Field 5, length-delimited: `DeltaDiscoveryResponse.nonce`.
_NONCE: Final = b"\x2a"

#: Enough for what goes out at the same moment; it keeps the resources of so many answers.
SHARED_ANSWERS: Final = 8


@remembered
def _host_field(host: Host) -> bytes:
    """The one and only serialisation of a virtual host, as one of `RouteConfiguration.virtual_hosts`."""
    return b"".join(_field_2((host.message.SerializeToString(deterministic=True),)))


@remembered
def _shared_resource(compiled: Compiled) -> Resource:
    """The one and only serialisation of what many proxies get."""
    return resource(compiled)


def published(resources: Resources, before: Published | None = None) -> Published:
    """Compile and serialise all that one endpoint's proxies run; what did not change keeps its identity.

    A part that is as it was before is what it became then, and is not looked into.
    """
    old = before if before is not None else Published({})
    made = tuple(_made(part, index, old) for index, part in enumerate(resources.parts))
    new: dict[ResourceType, dict[str, Resource]] = {type_: {} for type_ in ResourceType}
    for one in made:
        for type_, resource_ in one.resources:
            new[type_][resource_.name] = resource_
    # Equal is the same: what did not change was found to be the old one.
    return Published({type_: _old_or_new(old.of(type_), found) for type_, found in new.items()}, made)


def _old_or_new(old: Mapping[str, Resource], new: Mapping[str, Resource]) -> Mapping[str, Resource]:
    return old if new == old else new


def _made(part: Part, index: int, before: Published) -> Made:
    """What a part becomes; most parts are what they were, and stand where they stood."""
    if index < len(before.made) and before.made[index].part == part:
        return before.made[index]
    known = next((one for one in before.made if one.part == part), None)
    return known or Made(part, tuple(_serialised(one, before) for one in part.compiled()))


def _serialised(compiled: Compiled, before: Published) -> tuple[ResourceType, Resource]:
    one = _shared_resource(compiled) if compiled.is_shared else resource(compiled)
    known = before.of(compiled.type).get(one.name)
    return compiled.type, known if known is not None and known.version == one.version else one


@functools.lru_cache(maxsize=SHARED_ANSWERS)
def delta_answer(send: Send) -> bytes:
    """The bytes of a `DeltaDiscoveryResponse`: at most its nonce is one proxy's own."""
    nonce = send.nonce.encode()
    return b"".join(
        (*_shared_parts(send.type, send.resources, send.removed), _NONCE, _varint(len(nonce)), nonce)
    )


@functools.lru_cache(maxsize=SHARED_ANSWERS)
def _shared_parts(
    type_: ResourceType, resources: tuple[Resource, ...], removed: tuple[str, ...]
) -> tuple[bytes, ...]:
    """An answer without its nonce: most that goes out goes to many proxies of an endpoint at once."""
    own = DeltaDiscoveryResponse(
        type_url=type_.value, system_version_info=set_version(resources), removed_resources=removed
    )
    return *(one.delta_field for one in resources), own.SerializeToString()


def whole_answer(send: Send) -> bytes:
    """The bytes of a `DiscoveryResponse`."""
    own = DiscoveryResponse(
        type_url=send.type.value, nonce=send.nonce, version_info=set_version(send.resources)
    )
    return b"".join(one.any_field for one in send.resources) + own.SerializeToString()


def delta_events(request: DeltaDiscoveryRequest, type_: ResourceType, *, is_first: bool) -> list[Event]:
    """What one delta request says. `is_first` of its type on this stream.

    A first request for clusters or listeners without names means all of them, as does the name `*`.
    Source: Envoy's xDS protocol, how the client specifies what resources to return.
    """
    events: list[Event] = []
    if request.response_nonce:
        events.append(_verdict(type_, request.response_nonce, request))
    if not (is_first or request.resource_names_subscribe or request.resource_names_unsubscribe):
        return events
    added = set(request.resource_names_subscribe)
    wildcard = "*" in added or (is_first and not added and type_ in WILDCARD_TYPES)
    dropped = frozenset(request.resource_names_unsubscribe)
    names = frozenset(added - {"*"})
    held = dict(request.initial_resource_versions)
    return [*events, Subscribed(type_, names, dropped, wildcard=wildcard, held=held)]


@functools.lru_cache(maxsize=16)
def delta_ack(raw: bytes) -> Accepted | None:
    """What a delta request says that is an ack and nothing else; all who were sent the same say the same.

    None for every other request, and for what is none. One of a type that nobody has asked for is more.
    """
    request = DeltaDiscoveryRequest()
    try:
        request.ParseFromString(raw)
    except DecodeError:
        return None
    type_ = TYPES.get(request.type_url)
    if type_ is None or not request.response_nonce:
        return None
    events = delta_events(request, type_, is_first=False)
    return events[0] if len(events) == 1 and isinstance(events[0], Accepted) else None


def whole_events(request: DiscoveryRequest, type_: ResourceType, names: frozenset[str] | None) -> list[Event]:
    """What one state-of-the-world request says; `names` are those of the one before, if there was one.

    Every request repeats all names, so what is new and what is left out follow from the one before.
    """
    events: list[Event] = []
    if request.response_nonce and names is not None:
        events.append(_verdict(type_, request.response_nonce, request))
    now = frozenset(request.resource_names) - {"*"}
    if names is None or now != names:
        known = names or frozenset()
        wildcard = type_ in WILDCARD_TYPES and not now
        held = request.version_info if names is None else ""
        events.append(Subscribed(type_, now - known, known - now, wildcard=wildcard, held_set=held))
    return events


#: Bytes of a request that may be the same from many proxies: an ack of what all were sent is read once.
SHORT: Final = 256

#: How much of a proxy's own words is kept and shown; Envoy's sentences are far shorter.
LONGEST_REFUSAL: Final = 4096


def _verdict(
    type_: ResourceType, nonce: str, request: DiscoveryRequest | DeltaDiscoveryRequest
) -> Accepted | Rejected:
    if request.HasField("error_detail"):
        return Rejected(type_, nonce, request.error_detail.message[:LONGEST_REFUSAL])
    return Accepted(type_, nonce)


def _field_2(pieces: Sequence[bytes]) -> tuple[bytes, ...]:
    """What holds these pieces, one after the other, as its second field: nothing is copied yet."""
    return (FIELD_2, _varint(sum(map(len, pieces))), *pieces)


def _varint(left: int) -> bytes:
    """A number as a varint."""
    out = bytearray()
    while left >= CONTINUES:
        out.append(left % CONTINUES + CONTINUES)
        left //= CONTINUES
    out.append(left)
    return bytes(out)
