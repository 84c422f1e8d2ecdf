"""What handles plain TCP on a chain -> envoy...TcpProxy."""

from collections.abc import Sequence

from envoy.config.listener.v3.listener_components_pb2 import Filter
from envoy.extensions.filters.network.tcp_proxy.v3.tcp_proxy_pb2 import TcpProxy

from gossamer.compile.access_log import access_logs
from gossamer.compile.action import tcp_clusters
from gossamer.compile.value import duration, packed
from gossamer.mesh.view import WeightedDestination
from gossamer.model.access_log import Logging
from gossamer.model.timeout import TcpTimeout


def tcp_proxy(
    stat_prefix: str,
    to: str | tuple[str, Sequence[WeightedDestination]],
    timeout: TcpTimeout | None,
    logging: Logging | None,
) -> Filter:
    """The TCP filter of one chain: to one cluster, or to weighted targets (with the mesh that they are in).

    Absent: without an idle timeout Envoy's own, one hour.
    Source: App Mesh API `TcpRoute`, `TcpTimeout`; Envoy `TcpProxy`.
    """
    proxy = TcpProxy(stat_prefix=stat_prefix, access_log=access_logs(logging))
    if isinstance(to, str):
        proxy.cluster = to
    else:
        proxy.weighted_clusters.CopyFrom(tcp_clusters(*to))
    if timeout is not None and timeout.idle is not None:
        proxy.idle_timeout.CopyFrom(duration(timeout.idle))
    return Filter(name="envoy.filters.network.tcp_proxy", typed_config=packed(proxy))
