"""What Envoy tells the control plane of its traffic -> load_stats_config, a stats sink (as JSON).

Load reports say how many requests it sends where, the metrics service how long they take; both go the way of
the configuration, with the same proof of who the proxy is, and the console shows them live.
Source: envoy.config.bootstrap.v3.ClusterManager; envoy.config.metrics.v3.MetricsServiceConfig.
"""

from typing import Final

from gossamer.sidecar.json_value import Json, typed
from gossamer.sidecar.stream import StreamSettings, envoy_grpc
from gossamer.sidecar.variable import Truth, Variable

REPORTS: Final = Truth(
    names=("GOSSAMER_TRAFFIC_REPORTS",),
    flag="--traffic-reports",
    default=True,
    meaning="Whether Envoy tells the control plane how many requests it sends where, and how long they take.",
)

TABLE: Final[tuple[Variable, ...]] = (REPORTS,)


def load_stats(stream: StreamSettings) -> Json:
    """Load reports, as often as the control plane asks for them."""
    service = {"envoy_grpc": envoy_grpc(stream.endpoint)}
    return {"api_type": "GRPC", "transport_api_version": "V3", "grpc_services": [service]}


def metrics_sink(stream: StreamSettings) -> Json:
    """How long requests take, whenever statistics go out.

    A summary is a tenth of a histogram, and counters as differences need no memory at the other end.
    """
    config = typed(
        "envoy.config.metrics.v3.MetricsServiceConfig",
        grpc_service={"envoy_grpc": envoy_grpc(stream.endpoint)},
        transport_api_version="V3",
        report_counters_as_deltas=True,
        histogram_emit_mode="SUMMARY",
    )
    return {"name": "envoy.stat_sinks.metrics_service", "typed_config": config}
