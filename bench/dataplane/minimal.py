"""The least that does the same: hand-written, static, HTTP/1.1."""

from pathlib import Path
from typing import Any

from gossamer.contract import EGRESS_PORT, INGRESS_PORT
from tests.support.answering import HTTP
from tests.support.envoy import HCM, ROUTER
from tests.support.stage_mesh import GATE


def minimal(role: str, callee: str, admin: Path) -> dict[str, Any]:
    """One Envoy: the caller's sidecar, the callee's, or a gateway before it."""
    port, onward = {
        "front": (EGRESS_PORT, callee),
        "blue": (INGRESS_PORT, "127.0.0.1"),
        "gate": (GATE, callee),
    }[role]
    return {
        "admin": {"address": {"pipe": {"path": str(admin)}}},
        "static_resources": {"listeners": [_listener(port)], "clusters": [_cluster(onward)]},
    }


def _listener(port: int) -> dict[str, Any]:
    manager = {
        "@type": f"type.googleapis.com/{HCM}",
        "stat_prefix": "minimal",
        "route_config": {
            "virtual_hosts": [
                {
                    "name": "all",
                    "domains": ["*"],
                    "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "onward"}}],
                }
            ]
        },
        "http_filters": [
            {
                "name": "envoy.filters.http.router",
                "typed_config": {"@type": f"type.googleapis.com/{ROUTER}"},
            }
        ],
    }
    return {
        "name": "minimal",
        "address": _address("0.0.0.0", port),  # noqa: S104 - of the machine's own network
        "filter_chains": [
            {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}
        ],
    }


def _cluster(onward: str) -> dict[str, Any]:
    endpoint = {"endpoint": {"address": _address(onward, HTTP)}}
    return {
        "name": "onward",
        "type": "STATIC",
        "load_assignment": {"cluster_name": "onward", "endpoints": [{"lb_endpoints": [endpoint]}]},
    }


def _address(host: str, port: int) -> dict[str, Any]:
    return {"socket_address": {"address": host, "port_value": port}}
