"""App Mesh's own metrics, natively -> envoy.extensions.access_loggers.stats.v3.Config, as access logs.

The managed service had a module in its image count them. Envoy's stats logger does, with the same names; what
a request was for is read from the metadata of its route and cluster. `ActiveConnectionCount` is not among
them: no log is written when a connection begins, so the agent tells it from Envoy's own gauge.
Source: App Mesh user guide, metrics extension; decision 051.
"""

from collections.abc import Iterable
from typing import Final

from envoy.config.accesslog.v3.accesslog_pb2 import AccessLog, AccessLogFilter, HeaderFilter
from envoy.config.route.v3.route_components_pb2 import HeaderMatcher
from envoy.type.matcher.v3.string_pb2 import StringMatcher

from gossamer.compile.stats_log import (
    CLASSES,
    Tag,
    all_of,
    count,
    holds,
    is_class,
    milliseconds,
    once,
    stats_log,
)

STAT_PREFIX: Final = "appmesh"

#: Where routes and clusters say what they stand for, in a form that the logger can read.
NAMESPACE: Final = "gossamer.metrics"
SERVICE_TAG: Final = "TargetVirtualService"
NODE_TAG: Final = "TargetVirtualNode"


def connection_logs(own: Iterable[Tag]) -> list[AccessLog]:
    """What is counted when a connection to the proxy itself ends, whatever it spoke."""
    tags = tuple(own)
    return [
        stats_log(
            STAT_PREFIX,
            once("NewConnectionCount", tags),
            count("ProcessedBytes", tags, "%BYTES_RECEIVED%"),
            count("ProcessedBytes", tags, "%BYTES_SENT%"),
        )
    ]


def request_logs(own: Iterable[Tag]) -> list[AccessLog]:
    """What is counted of each request that came in."""
    tags = tuple(own)
    return [
        stats_log(STAT_PREFIX, once("RequestCount", tags)),
        stats_log(STAT_PREFIX, once("GrpcRequestCount", tags), only=_is_grpc()),
    ]


def target_request_logs(own: Iterable[Tag]) -> list[AccessLog]:
    """What is counted of each request that went out to a virtual node."""
    tags = (*own, *_targets())
    return [
        stats_log(
            STAT_PREFIX,
            once("RequestCountPerTarget", tags),
            count("TargetProcessedBytes", tags, "%UPSTREAM_WIRE_BYTES_RECEIVED%"),
            count("TargetProcessedBytes", tags, "%UPSTREAM_WIRE_BYTES_SENT%"),
            only=_has_target(),
            times=[milliseconds("TargetResponseTime", tags, "%RESPONSE_DURATION%")],
        ),
        *(
            stats_log(
                STAT_PREFIX,
                once(f"HTTPCode_Target_{first // 100}XX_Count", tags),
                only=all_of(_has_target(), is_class(first)),
            )
            for first in CLASSES
        ),
    ]


def target_connection_logs(own: Iterable[Tag], service: str) -> list[AccessLog]:
    """What is counted of each connection that went out to a virtual node; TCP's routes have no metadata."""
    tags = (*own, (SERVICE_TAG, service), (NODE_TAG, f"%METADATA(CLUSTER:{NAMESPACE}:{NODE_TAG})%"))
    return [
        stats_log(
            STAT_PREFIX,
            count("TargetProcessedBytes", tags, "%BYTES_RECEIVED%"),
            count("TargetProcessedBytes", tags, "%BYTES_SENT%"),
        )
    ]


def _targets() -> tuple[Tag, Tag]:
    """What a request was for."""
    return (
        (SERVICE_TAG, f"%METADATA(ROUTE:{NAMESPACE}:{SERVICE_TAG})%"),
        (NODE_TAG, f"%METADATA(CLUSTER:{NAMESPACE}:{NODE_TAG})%"),
    )


def literal(text: str) -> str:
    """A text as the logger's formats want it: a percent sign would begin a command."""
    return text.replace("%", "%%")


def _is_grpc() -> AccessLogFilter:
    prefix = StringMatcher(prefix="application/grpc")
    return AccessLogFilter(
        header_filter=HeaderFilter(header=HeaderMatcher(name="content-type", string_match=prefix))
    )


def _has_target() -> AccessLogFilter:
    """Whether a request went to a virtual node: what was let through to anywhere is nobody's target."""
    return holds(f"'{NODE_TAG}' in xds.cluster_metadata.filter_metadata['{NAMESPACE}']")
