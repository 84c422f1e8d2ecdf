"""model.health_check -> envoy.config.core.v3.HealthCheck."""

import datetime

from envoy.config.core.v3.health_check_pb2 import HealthCheck
from envoy.type.v3.http_pb2 import CodecClientType

from gossamer.compile.value import seconds, uint32
from gossamer.model.health_check import HealthCheckPolicy
from gossamer.model.port_mapping import PortProtocol


def health_check(policy: HealthCheckPolicy, host: str, port: int) -> HealthCheck:
    """Translate how every client asks an endpoint whether it is well.

    Units:  the policy counts milliseconds.
    Absent: a policy without a port asks the listener's; without a path, `/`.
    Source: App Mesh API `HealthCheckPolicy`; Envoy `HealthCheck`; the host as a public dump shows it.
    """
    asked = policy.port or port
    message = HealthCheck(
        timeout=seconds(datetime.timedelta(milliseconds=policy.timeout_millis)),
        interval=seconds(datetime.timedelta(milliseconds=policy.interval_millis)),
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
