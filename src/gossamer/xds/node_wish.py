"""What a node's metadata asks for beyond its endpoint's configuration.

Source: App Mesh's agent, node metadata; Envoy `Node.extensions`, which lists all that an Envoy was built
with.
"""

import ipaddress
from typing import Final

from envoy.config.core.v3.base_pb2 import Node
from google.protobuf.struct_pb2 import Struct

from gossamer.compile.wish import NameService, Resolver, Wishes
from gossamer.contract import (
    AGENT,
    DNS_WISH,
    HTTP2_WISH,
    METRICS_WISH,
    REQUESTS_WISH,
    RUNTIME_WISH,
    TRACING_DECISION_WISH,
)

STATS_LOGGER: Final = "envoy.access_loggers.stats"
#: What the node ids of gateways hold, and no others.
_GATEWAY: Final = "/virtualGateway/"
_LONGEST_VERSION: Final = 64
_MOST_RESOLVERS: Final = 8
_LAST_PORT: Final = 65535


def wishes_of(node: Node) -> Wishes:
    """Read what a node asks for; what makes no sense is not asked for.

    Metrics need an Envoy that can count them: those of App Mesh's images could not without a module of
    theirs.
    """
    metadata = node.metadata
    can_count = any(one.name == STATS_LOGGER for one in node.extensions)
    level = _struct(metadata, METRICS_WISH).fields["level"].string_value
    requests = _struct(metadata, REQUESTS_WISH)
    return Wishes(
        has_metrics=level == "1" and can_count,
        names=_name_service(_struct(metadata, DNS_WISH)),
        keeps_request_id=_is_false(_struct(metadata, RUNTIME_WISH), TRACING_DECISION_WISH),
        makes_no_request_ids=_is_false(requests, "ids"),
        keeps_idle_requests=_is_false(requests, "idle_timeout"),
        hides_envoy=_is_false(requests, "headers"),
        counts_steps=can_count and _GATEWAY in node.id,
    )


def accepts_http2(node: Node) -> bool:
    """Whether a proxy says that it takes HTTP/2 for an application that speaks HTTP/1.1."""
    return _struct(node.metadata, HTTP2_WISH).fields["accepts"].bool_value


def agent_of(node: Node) -> str:
    """The version of our agent that started a proxy; empty if it was another program."""
    return _struct(node.metadata, AGENT).fields["version"].string_value[:_LONGEST_VERSION]


def _name_service(asked: Struct) -> NameService | None:
    """Where names are to be answered, if that is asked for and can be."""
    own = _place(asked)
    listed = list(asked.fields["resolvers"].list_value.values)[:_MOST_RESOLVERS]
    found = [_place(one.struct_value) for one in listed]
    resolvers = tuple(one for one in found if one is not None)
    if own is None or not resolvers or len(resolvers) < len(found):
        return None
    return NameService(own.address, own.port, resolvers)


def _place(asked: Struct) -> Resolver | None:
    """An address and a port; None unless they are."""
    address, port = asked.fields["address"].string_value, asked.fields["port"].number_value
    if not _is_address(address) or not 0 < port <= _LAST_PORT:
        return None
    return Resolver(address, int(port))


def _is_address(text: str) -> bool:
    """Whether it is an IP address: Envoy would refuse the listener, and all of its update with it."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_false(said: Struct, name: str) -> bool:
    """Whether it says so; what is absent, or no truth at all, does not."""
    found = said.fields.get(name)
    return found is not None and found.HasField("bool_value") and not found.bool_value


def _struct(metadata: Struct, name: str) -> Struct:
    """A struct in a struct; an empty one where there is none."""
    return metadata.fields[name].struct_value if name in metadata.fields else Struct()
