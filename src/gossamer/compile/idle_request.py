"""A proxy that keeps idle requests -> what it needs instead of Envoy's `stream_idle_timeout`.

That timer is set anew for each piece of each request. Without it, what ends is: a request whose headers do
not come, one that waits longer than its route's timeout, an answer that nobody reads, and whatever belongs
to a peer that is gone. What stays is an upload, a stream of gRPC or a WebSocket on which nothing moves
while both ends are there.
Source: decision 124; Envoy, "How do I configure timeouts?"; Linux, tcp(7).
"""

import datetime
from typing import Final

from envoy.config.cluster.v3.cluster_pb2 import Cluster, UpstreamConnectionOptions
from envoy.config.core.v3.address_pb2 import TcpKeepalive
from envoy.config.core.v3.socket_option_pb2 import SocketOption
from envoy.config.listener.v3.listener_pb2 import Listener
from envoy.config.route.v3.route_components_pb2 import RouteAction
from envoy.extensions.filters.network.http_connection_manager.v3.http_connection_manager_pb2 import (
    HttpConnectionManager,
)

from gossamer.compile.timeout import ENVOY_IDLE_TIMEOUT
from gossamer.compile.value import seconds, uint32

#: After so many silent seconds a peer is asked whether it is there, so often, and so many seconds apart.
ASKED_AFTER: Final = 60
ASKED_TIMES: Final = 5
ASKED_EVERY: Final = 20

#: What a listening socket hands on to those that it accepts: SO_KEEPALIVE of SOL_SOCKET; TCP_KEEPIDLE,
#: TCP_KEEPCNT and TCP_KEEPINTVL of IPPROTO_TCP, in the numbers of the proxy's system, which is Linux.
_KEEPALIVE: Final = ((1, 9, 1), (6, 4, ASKED_AFTER), (6, 6, ASKED_TIMES), (6, 5, ASKED_EVERY))


def manager_part() -> HttpConnectionManager:
    """No timer for what goes on; the bounds of what comes before it and after it stay."""
    return HttpConnectionManager(
        stream_idle_timeout=seconds(datetime.timedelta()),
        request_headers_timeout=seconds(ENVOY_IDLE_TIMEOUT),
        stream_flush_timeout=seconds(ENVOY_IDLE_TIMEOUT),
    )


def route_part(action: RouteAction) -> RouteAction:
    """The timer for requests that are allowed to take for ever: nothing else would end them."""
    is_unbounded = action.HasField("timeout") and not action.timeout.ToTimedelta()
    if is_unbounded and not action.HasField("idle_timeout"):
        return RouteAction(idle_timeout=seconds(ENVOY_IDLE_TIMEOUT))
    return RouteAction()


def listener_part() -> Listener:
    """Callers that are gone are noticed."""
    return Listener(
        socket_options=[
            SocketOption(level=level, name=name, int_value=value) for level, name, value in _KEEPALIVE
        ]
    )


def cluster_part() -> Cluster:
    """Endpoints that are gone are noticed."""
    return Cluster(
        upstream_connection_options=UpstreamConnectionOptions(
            tcp_keepalive=TcpKeepalive(
                keepalive_probes=uint32(ASKED_TIMES),
                keepalive_time=uint32(ASKED_AFTER),
                keepalive_interval=uint32(ASKED_EVERY),
            )
        )
    )
