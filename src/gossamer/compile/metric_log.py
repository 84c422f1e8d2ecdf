"""App Mesh's own metrics, natively -> envoy.extensions.access_loggers.stats.v3.Config, as access logs.

The managed service had a module in its image count them. Envoy's stats logger does, with the same names; what
a request was for is read from the metadata of its route and cluster. `ActiveConnectionCount` is not among
them: no log is written when a connection begins, so the agent tells it from Envoy's own gauge.
Source: App Mesh user guide, metrics extension; decision 051.
"""

from collections.abc import Iterable
from typing import Final

from envoy.config.accesslog.v3.accesslog_pb2 import (
    AccessLog,
    AccessLogFilter,
    AndFilter,
    ComparisonFilter,
    ExtensionFilter,
    HeaderFilter,
    StatusCodeFilter,
)
from envoy.config.core.v3.base_pb2 import RuntimeUInt32
from envoy.config.route.v3.route_components_pb2 import HeaderMatcher
from envoy.extensions.access_loggers.filters.cel.v3.cel_pb2 import ExpressionFilter
from envoy.extensions.access_loggers.stats.v3.stats_pb2 import Config
from envoy.type.matcher.v3.string_pb2 import StringMatcher

from gossamer.compile.value import packed

STAT_PREFIX: Final = "appmesh"

#: Where routes and clusters say what they stand for, in a form that the logger can read.
NAMESPACE: Final = "gossamer.metrics"
SERVICE_TAG: Final = "TargetVirtualService"
NODE_TAG: Final = "TargetVirtualNode"

#: Each class of answers has a counter of its own.
_CLASSES: Final = (200, 300, 400, 500)

Tag = tuple[str, str]


def connection_logs(own: Iterable[Tag]) -> list[AccessLog]:
    """What is counted when a connection to the proxy itself ends, whatever it spoke."""
    tags = tuple(own)
    return [
        _log(
            _once("NewConnectionCount", tags),
            _bytes("ProcessedBytes", tags, "%BYTES_RECEIVED%"),
            _bytes("ProcessedBytes", tags, "%BYTES_SENT%"),
        )
    ]


def request_logs(own: Iterable[Tag]) -> list[AccessLog]:
    """What is counted of each request that came in."""
    tags = tuple(own)
    return [_log(_once("RequestCount", tags)), _log(_once("GrpcRequestCount", tags), only=_is_grpc())]


def target_request_logs(own: Iterable[Tag]) -> list[AccessLog]:
    """What is counted of each request that went out to a virtual node."""
    tags = (*own, *_targets())
    return [
        _log(
            _once("RequestCountPerTarget", tags),
            _bytes("TargetProcessedBytes", tags, "%UPSTREAM_WIRE_BYTES_RECEIVED%"),
            _bytes("TargetProcessedBytes", tags, "%UPSTREAM_WIRE_BYTES_SENT%"),
            only=_has_target(),
            times=(("TargetResponseTime", tags),),
        ),
        *(
            _log(_once(f"HTTPCode_Target_{first // 100}XX_Count", tags), only=_all(_has_target(), _is(first)))
            for first in _CLASSES
        ),
    ]


def target_connection_logs(own: Iterable[Tag], service: str) -> list[AccessLog]:
    """What is counted of each connection that went out to a virtual node; TCP's routes have no metadata."""
    tags = (*own, (SERVICE_TAG, service), (NODE_TAG, f"%METADATA(CLUSTER:{NAMESPACE}:{NODE_TAG})%"))
    return [
        _log(
            _bytes("TargetProcessedBytes", tags, "%BYTES_RECEIVED%"),
            _bytes("TargetProcessedBytes", tags, "%BYTES_SENT%"),
        )
    ]


def _targets() -> tuple[Tag, Tag]:
    """What a request was for."""
    return (
        (SERVICE_TAG, f"%METADATA(ROUTE:{NAMESPACE}:{SERVICE_TAG})%"),
        (NODE_TAG, f"%METADATA(CLUSTER:{NAMESPACE}:{NODE_TAG})%"),
    )


def _log(
    *counters: Config.Counter,
    only: AccessLogFilter | None = None,
    times: Iterable[tuple[str, Iterable[Tag]]] = (),
) -> AccessLog:
    """One logger; times are in milliseconds, from the request's beginning to its answer's."""
    histograms = [
        Config.Histogram(
            stat=_stat(name, tags), unit=Config.Histogram.Milliseconds, value_format="%RESPONSE_DURATION%"
        )
        for name, tags in times
    ]
    config = Config(stat_prefix=STAT_PREFIX, counters=counters, histograms=histograms)
    return AccessLog(name="envoy.access_loggers.stats", typed_config=packed(config), filter=only)


def _once(name: str, tags: Iterable[Tag]) -> Config.Counter:
    """A count of one."""
    counter = Config.Counter(stat=_stat(name, tags))
    counter.value_fixed.value = 1
    return counter


def _bytes(name: str, tags: Iterable[Tag], size: str) -> Config.Counter:
    """A count of bytes."""
    return Config.Counter(stat=_stat(name, tags), value_format=size)


def _stat(name: str, tags: Iterable[Tag]) -> Config.Stat:
    return Config.Stat(name=name, tags=[Config.Tag(name=tag, value_format=value) for tag, value in tags])


def literal(text: str) -> str:
    """A text as the logger's formats want it: a percent sign would begin a command."""
    return text.replace("%", "%%")


def _all(*filters: AccessLogFilter) -> AccessLogFilter:
    return AccessLogFilter(and_filter=AndFilter(filters=filters))


def _is(first: int) -> AccessLogFilter:
    """Whether an answer is of one class."""
    return _all(_compared(ComparisonFilter.GE, first), _compared(ComparisonFilter.LE, first + 99))


def _compared(op: "ComparisonFilter.Op", code: int) -> AccessLogFilter:
    # Runtime may overrule the number under this key; nobody does.
    value = RuntimeUInt32(default_value=code, runtime_key=f"{NAMESPACE}.{code}")
    return AccessLogFilter(
        status_code_filter=StatusCodeFilter(comparison=ComparisonFilter(op=op, value=value))
    )


def _is_grpc() -> AccessLogFilter:
    prefix = StringMatcher(prefix="application/grpc")
    return AccessLogFilter(
        header_filter=HeaderFilter(header=HeaderMatcher(name="content-type", string_match=prefix))
    )


def _has_target() -> AccessLogFilter:
    """Whether a request went to a virtual node: what was let through to anywhere is nobody's target."""
    expression = f"'{NODE_TAG}' in xds.cluster_metadata.filter_metadata['{NAMESPACE}']"
    config = packed(ExpressionFilter(expression=expression))
    named = ExtensionFilter(name="envoy.access_loggers.extension_filters.cel", typed_config=config)
    return AccessLogFilter(extension_filter=named)
