"""model.health_check -> envoy.config.core.v3.HealthCheck."""

import datetime
from typing import Final

from envoy.config.core.v3.health_check_pb2 import HealthCheck
from envoy.type.v3.http_pb2 import CodecClientType

from gossamer.compile.value import seconds, uint32
from gossamer.model.health_check import HealthCheckPolicy
from gossamer.model.port_mapping import PortProtocol

#: How long Envoy waits between checks of a cluster without traffic, if nobody says otherwise.
NO_TRAFFIC_INTERVAL: Final = datetime.timedelta(seconds=60)


def health_check(policy: HealthCheckPolicy, host: str, port: int) -> HealthCheck:
    """Translate how every client asks an endpoint whether it is well.

    Units:  the policy counts milliseconds.
    Shape:  the policy's interval holds without traffic too. Envoy's first check may run before the cluster
            has its secrets; it fails, and until the next one the cluster takes no requests.
    Absent: a policy without a port asks the listener's; without a path, `/`.
    Source: App Mesh API `HealthCheckPolicy`; Envoy `HealthCheck` and issues 12389 and 15977; the host as a
            public dump shows it.
    """
    asked = policy.port or port
    interval = datetime.timedelta(milliseconds=policy.interval_millis)
    message = HealthCheck(
        timeout=seconds(datetime.timedelta(milliseconds=policy.timeout_millis)),
        interval=seconds(interval),
        no_traffic_interval=seconds(min(interval, NO_TRAFFIC_INTERVAL)),
        healthy_threshold=uint32(policy.healthy_threshold),
        unhealthy_threshold=uint32(policy.unhealthy_threshold),
        alt_port=uint32(asked),
    )
    match policy.protocol:
        case PortProtocol.TCP:
            message.tcp_health_check.SetInParent()
        case PortProtocol.GRPC:
            message.grpc_health_check.SetInParent()
        case PortProtocol.HTTP | PortProtocol.HTTP2:
            message.http_health_check.host = f"{host}:{asked}"
            message.http_health_check.path = policy.path or "/"
            if policy.protocol is PortProtocol.HTTP2:
                message.http_health_check.codec_client_type = CodecClientType.HTTP2
    return message
