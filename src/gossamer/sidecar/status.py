"""Pure: what the agent says of itself and its Envoy under `/status`.

Source: App Mesh user guide, the agent for Envoy; App Mesh's agent: every value is a text.
"""

import json

from gossamer.sidecar.health import Health


def status(health: Health, pid: int | None, restarts: int) -> bytes:
    """The whole answer; the time of a lost control plane only while it is lost."""
    said = {
        "healthStatus": "HEALTHY" if health.is_healthy else "UNHEALTHY",
        "agentUptime": f"{int(health.uptime.total_seconds())}s",
        "envoyPid": str(pid or 0),
        "envoyState": health.state,
        "envoyRestartCount": str(restarts),
        "managementServerConnectionStatus": "CONNECTED" if health.is_connected else "NOT_CONNECTED",
    }
    if health.disconnected_since is not None:
        since = health.disconnected_since.isoformat(timespec="seconds")
        said["managementServerDisconnectedTimestamp"] = since.replace("+00:00", "Z")
    said["envoyReadinessState"] = "INITIALIZED" if health.was_initialized else "NOT_INITIALIZED"
    said["initialConfigUpdateStatus"] = "UPDATE_FAILED" if health.was_refused else "UPDATE_SUCCESSFUL"
    return json.dumps(said, indent=4).encode() + b"\n"


def is_ready(body: object) -> bool:
    """Whether a status says that the proxy can take traffic."""
    wanted = {"envoyReadinessState": "INITIALIZED", "initialConfigUpdateStatus": "UPDATE_SUCCESSFUL"}
    return isinstance(body, dict) and wanted.items() <= body.items() and body.get("healthStatus") == "HEALTHY"
