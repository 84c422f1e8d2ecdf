"""model.outlier_detection -> envoy.config.cluster.v3.OutlierDetection."""

from envoy.config.cluster.v3.outlier_detection_pb2 import OutlierDetection as EnvoyOutlierDetection

from gossamer.compile.value import boolean, duration, uint32
from gossamer.model.outlier_detection import OutlierDetection


def outlier_detection(found: OutlierDetection) -> EnvoyOutlierDetection:
    """Translate when an endpoint is set aside for failing.

    Shape:  one per listener; applies at every client of it.
    Absent: no outlier detection at all, not Envoy's defaults.
    Source: App Mesh API `OutlierDetection`; Envoy cluster `outlier_detection`.
    """
    return EnvoyOutlierDetection(
        consecutive_5xx=uint32(found.max_server_errors),
        interval=duration(found.interval),
        base_ejection_time=duration(found.base_ejection_duration),
        max_ejection_percent=uint32(found.max_ejection_percent),
        # As every Envoy did in App Mesh's days; newer ones would set none of two aside at 10 percent.
        always_eject_one_host=boolean(value=True),
    )
