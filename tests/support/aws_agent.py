"""The bootstrap that App Mesh's own agent writes, for an Envoy of its images, as far as Envoy 1.40 takes it.

Left out is what Envoy has dropped since: the IAM call credentials of `google_grpc`, and the runtime guards
whose behaviour is the only one now. Everything else is as recorded: state of the world over `google_grpc`,
the node on every request, its metadata, the arguments of the channel, TLS with the system's authorities.
"""

from pathlib import Path
from typing import Any, Final

CHANNEL: Final = {
    "grpc.http2.max_pings_without_data": {"intValue": "0"},
    "grpc.keepalive_time_ms": {"intValue": "10000"},
    "grpc.keepalive_timeout_ms": {"intValue": "20000"},
    "grpc.initial_reconnect_backoff_ms": {"intValue": "10000"},
    "grpc.max_connection_age_ms": {"intValue": "2400000"},
    "grpc.max_connection_age_grace_ms": {"intValue": "5000"},
}

METADATA: Final = {
    "aws.appmesh.metric_filter": {"level": "1"},
    "aws.appmesh.platformInfo": {
        "AvailabilityZone": "us-east-1a",
        "ecsPlatformInfo": {
            "CPU": "2",
            "Memory": "0",
            "ecsClusterArn": "shop",
            "ecsLaunchType": "AWS_ECS_EC2",
            "ecsTaskArn": "arn:aws:ecs:us-east-1:123456789012:task/shop/39ddaf309a0641dfb623ae5385ad1800",
        },
        "supportedIPFamilies": "IPv4_ONLY",
        "systemInfo": {
            "systemKernelVersion": "4.14.309-231.529.amzn2.x86_64",
            "systemPlatform": "x86_64",
        },
    },
    "aws.appmesh.task.interfaces": {"ipv4": {"eth0": ["10.0.0.141/24"], "lo": ["127.0.0.1/8"]}},
    "aws.appmesh.static_runtime": {
        "envoy.features.enable_all_deprecated_features": True,
        "envoy.reloadable_features.http_set_tracing_decision_in_request_id": True,
        "envoy.reloadable_features.no_extension_lookup_by_name": True,
        "re2.max_program_size.error_level": 1000,
    },
}


def bootstrap(node: str, target: str, admin: Path, root: str = "") -> dict[str, Any]:
    """What the agent writes; `root` is a file of authorities, for an endpoint with TLS."""
    google: dict[str, Any] = {
        "channelArgs": {"args": CHANNEL},
        "statPrefix": "ads",
        "targetUri": target,
    }
    if root:
        google["channelCredentials"] = {"sslCredentials": {"rootCerts": {"filename": root}}}
    source = {"ads": {}, "initialFetchTimeout": "0s", "resourceApiVersion": "V3"}
    written: dict[str, Any] = {
        "admin": {"address": {"pipe": {"path": str(admin)}}},
        "clusterManager": {"outlierDetection": {"eventLogPath": "/dev/stdout"}},
        "dynamicResources": {
            "adsConfig": {
                "apiType": "GRPC",
                "grpcServices": [{"googleGrpc": google}],
                "transportApiVersion": "V3",
            },
            "cdsConfig": source,
            "ldsConfig": source,
        },
        "layeredRuntime": {
            "layers": [
                {
                    "name": "static_layer_0",
                    "staticLayer": {
                        "envoy.features.enable_all_deprecated_features": True,
                        "re2.max_program_size.error_level": 1000,
                    },
                },
                {"name": "admin_layer", "adminLayer": {}},
            ]
        },
        "node": {"id": node, "cluster": node, "metadata": METADATA},
    }
    return _with_local_cluster(written) if target.startswith("unix:") else written


def _with_local_cluster(written: dict[str, Any]) -> dict[str, Any]:
    """What is added where the endpoint is a Unix socket: a cluster whose endpoints come over the stream."""
    source = {"ads": {}, "resourceApiVersion": "V3"}
    cluster = {"name": "local_cluster", "type": "EDS", "edsClusterConfig": {"edsConfig": source}}
    written["staticResources"] = {"clusters": [cluster]}
    written["clusterManager"]["localClusterName"] = "local_cluster"
    return written
