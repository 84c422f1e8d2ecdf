"""Statistics that are counted from what an access log could write -> ...access_loggers.stats.v3.Config.

Source: Envoy, stats access logger; CEL access log filter.
"""

from collections.abc import Iterable
from typing import Final

from envoy.config.accesslog.v3.accesslog_pb2 import (
    AccessLog,
    AccessLogFilter,
    AndFilter,
    ComparisonFilter,
    ExtensionFilter,
    StatusCodeFilter,
)
from envoy.config.core.v3.base_pb2 import RuntimeUInt32
from envoy.extensions.access_loggers.filters.cel.v3.cel_pb2 import ExpressionFilter
from envoy.extensions.access_loggers.stats.v3.stats_pb2 import Config

from gossamer.compile.value import packed

#: Each class of answers has a counter of its own.
CLASSES: Final = (200, 300, 400, 500)
#: Runtime may overrule a number in a filter under a key of this; nobody does.
_RUNTIME: Final = "gossamer.metrics"

Tag = tuple[str, str]


def stats_log(
    prefix: str,
    *counters: Config.Counter,
    only: AccessLogFilter | None = None,
    times: Iterable[Config.Histogram] = (),
) -> AccessLog:
    """One logger."""
    config = Config(stat_prefix=prefix, counters=counters, histograms=times)
    return AccessLog(name="envoy.access_loggers.stats", typed_config=packed(config), filter=only)


def once(name: str, tags: Iterable[Tag] = ()) -> Config.Counter:
    """A count of one."""
    counter = Config.Counter(stat=_stat(name, tags))
    counter.value_fixed.value = 1
    return counter


def count(name: str, tags: Iterable[Tag], value: str) -> Config.Counter:
    """A count of what a log would write."""
    return Config.Counter(stat=_stat(name, tags), value_format=value)


def milliseconds(name: str, tags: Iterable[Tag], value: str) -> Config.Histogram:
    """A length of time that a log would write."""
    return Config.Histogram(stat=_stat(name, tags), unit=Config.Histogram.Milliseconds, value_format=value)


def _stat(name: str, tags: Iterable[Tag]) -> Config.Stat:
    return Config.Stat(name=name, tags=[Config.Tag(name=tag, value_format=value) for tag, value in tags])


def all_of(*filters: AccessLogFilter) -> AccessLogFilter:
    """Whether each holds; the first that does not ends it."""
    return AccessLogFilter(and_filter=AndFilter(filters=filters))


def is_class(first: int) -> AccessLogFilter:
    """Whether an answer is of one class."""
    return all_of(_compared(ComparisonFilter.GE, first), _compared(ComparisonFilter.LE, first + 99))


def _compared(op: "ComparisonFilter.Op", code: int) -> AccessLogFilter:
    value = RuntimeUInt32(default_value=code, runtime_key=f"{_RUNTIME}.{code}")
    return AccessLogFilter(
        status_code_filter=StatusCodeFilter(comparison=ComparisonFilter(op=op, value=value))
    )


def holds(expression: str) -> AccessLogFilter:
    """Whether an expression of CEL does."""
    config = packed(ExpressionFilter(expression=expression))
    named = ExtensionFilter(name="envoy.access_loggers.extension_filters.cel", typed_config=config)
    return AccessLogFilter(extension_filter=named)
