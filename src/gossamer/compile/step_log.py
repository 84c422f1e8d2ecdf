"""Counts a step that a request does not take, under the names that it would have counted itself.

What goes straight to a node leaves out the gateway's own way out: the manager `egress` there, and the cluster
that leads to it. Both are still there, for what takes two steps, and made these statistics with their tags;
what is counted here under the same names is the same statistics.
Source: decision 069; Envoy, HTTP connection manager and cluster statistics.
"""

from typing import Final

from envoy.config.accesslog.v3.accesslog_pb2 import AccessLog

from gossamer.compile.stats_log import CLASSES, all_of, holds, is_class, milliseconds, once, stats_log

#: Whether a request went to a node, and not to the own way out.
_IS_STRAIGHT: Final = "xds.cluster_name.startsWith('cds_egress_')"


def step_logs(cluster: str) -> list[AccessLog]:
    """What is counted of each request that takes one step; `cluster` is the one to the way out."""
    straight = holds(_IS_STRAIGHT)
    manager, way = "egress.downstream_rq", f"{cluster}.upstream_rq"
    return [
        stats_log(
            "http",
            once(f"{manager}_total"),
            once(f"{manager}_completed"),
            only=straight,
            times=[milliseconds(f"{manager}_time", (), "%DURATION%")],
        ),
        stats_log(
            "cluster",
            once(f"{way}_total"),
            once(f"{way}_completed"),
            only=straight,
            times=[milliseconds(f"{way}_time", (), "%RESPONSE_DURATION%")],
        ),
        *(
            stats_log(prefix, once(f"{name}_{first // 100}xx"), only=all_of(is_class(first), straight))
            for first in CLASSES
            for prefix, name in (("http", manager), ("cluster", way))
        ),
    ]
