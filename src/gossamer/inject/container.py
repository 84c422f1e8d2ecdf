"""Pure: the containers that a pod gets.

Source: Getting Started with AWS App Mesh, step 6; App Mesh's Kubernetes controller 1.13: the sidecar, the
init container and X-Ray's daemon that it injects; Kubernetes: sidecar containers.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from gossamer.contract import EGRESS_PORT, INGRESS_PORT, PROXY_UID
from gossamer.inject.document import Json, Refused
from gossamer.inject.settings import (
    ENVOY,
    INSTANCE_METADATA,
    LIVE,
    TRACER_PORTS,
    XRAY,
    Endpoint,
    Settings,
    pair,
)

PROXY_INIT: Final = "proxyinit"
SDS_VOLUME: Final = "sds-socket-volume"

_AGENT_SOCKET: Final = "/tmp/agent.sock"  # noqa: S108 - the path that App Mesh's controller chose, in the container
_POD_UID: Final = "APPMESH_PLATFORM_K8S_POD_UID"
_HOST_IP: Final = "ref:status.hostIP"
_READY_S: Final = 180
_READY_EVERY_S: Final = 5

#: Flags for features of the managed service that we have no endpoints for; scripts look at them.
_SWITCHES: Final = {
    "APPMESH_DUALSTACK_ENDPOINT": "0",
    "APPMESH_FIPS_ENDPOINT": "0",
    "APPMESH_PREVIEW": "0",
    "ENVOY_ADMIN_ACCESS_ENABLE_IPV6": "false",
    "ENVOY_ADMIN_ACCESS_LOG_FILE": "/tmp/envoy_admin_access.log",  # noqa: S108 - App Mesh's documented default
    "APPNET_AGENT_ADMIN_MODE": "uds",
    "APPNET_AGENT_ADMIN_UDS_PATH": _AGENT_SOCKET,
}


def pod_variables(who: Endpoint, settings: Settings, *, is_preview: bool) -> dict[str, str]:
    """What the controller sets beside the variables that ECS has too."""
    if settings.form == "getting-started":
        return {}
    return {
        "APPMESH_VIRTUAL_NODE_NAME": who.identity,
        "ENVOY_ADMIN_ACCESS_PORT": str(settings.admin_port),
        **_SWITCHES,
        "APPMESH_PREVIEW": "1" if is_preview else "0",
    }


def variable_rows(variables: Mapping[str, str], settings: Settings) -> list[Json]:
    """Variables as a container lists them; by name, but the Getting Started's in the order that they have."""
    if settings.form == "getting-started":
        return [{"name": name, "value": value} for name, value in variables.items()]
    rows = [*map(_row, sorted(variables.items())), *(_secret(one) for one in settings.secret)]
    return [*rows, {"name": _POD_UID, "valueFrom": {"fieldRef": {"fieldPath": "metadata.uid"}}}]


def _row(variable: tuple[str, str]) -> Json:
    """One variable; an address may be that of the machine that the pod runs on."""
    name, value = variable
    if value == _HOST_IP:
        return {"name": name, "valueFrom": {"fieldRef": {"fieldPath": "status.hostIP"}}}
    return {"name": name, "value": value}


def _secret(text: str) -> Json:
    """A variable from a secret."""
    name, source = pair(text, "--secret")
    secret, slash, key = source.partition("/")
    if not (secret and slash and key):
        raise Refused(f"--secret {text!r} is not NAME=SECRET/KEY")
    return {"name": name, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}


def envoy(variables: list[Json], settings: Settings) -> Json:
    """The sidecar."""
    user: Json = {"runAsUser": PROXY_UID}
    made: Json = {"name": ENVOY, "image": settings.image, "securityContext": user, "env": variables}
    if settings.form == "getting-started":
        return made
    made["ports"] = [{"name": "stats", "containerPort": settings.admin_port, "protocol": "TCP"}]
    made["readinessProbe"] = readiness_probe(settings)
    if settings.native_sidecar:
        made["restartPolicy"] = "Always"
        # Init containers after it wait for this one.
        made["startupProbe"] = {**readiness_probe(settings), "periodSeconds": 1, "failureThreshold": _READY_S}
    made["lifecycle"] = dict(_lifecycle(settings))
    if resources := dict(_resources(settings)):
        made["resources"] = resources
    return made


def _lifecycle(settings: Settings) -> Iterator[tuple[str, Json]]:
    """What happens right after its start, and before its stop."""
    if settings.wait_until_proxy_ready and not settings.native_sidecar:
        waits = (
            f"APPNET_AGENT_POLL_ENVOY_READINESS_TIMEOUT_S={_READY_S} "
            f"APPNET_AGENT_POLL_ENVOY_READINESS_INTERVAL_S={_READY_EVERY_S} /usr/bin/agent -envoyReadiness"
        )
        yield "postStart", {"exec": {"command": ["sh", "-c", waits]}}
    yield "preStop", {"exec": {"command": ["sh", "-c", f"sleep {settings.prestop_delay}"]}}


def readiness_probe(settings: Settings) -> Json:
    """When the sidecar takes traffic."""
    return {
        "exec": {"command": ["sh", "-c", LIVE.format(port=settings.admin_port)]},
        "initialDelaySeconds": 1,
        "timeoutSeconds": 1,
        "periodSeconds": 10,
        "successThreshold": 1,
        "failureThreshold": 3,
    }


def _resources(settings: Settings) -> Iterator[tuple[str, Json]]:
    """What a container of ours asks for, and what it may use at most."""
    requests: Json = {"cpu": settings.cpu_request, "memory": settings.memory_request}
    limits: Json = {"cpu": settings.cpu_limit, "memory": settings.memory_limit}
    for name, wanted in (("requests", requests), ("limits", limits)):
        if some := {each: quantity for each, quantity in wanted.items() if quantity}:
            yield name, some


def proxy_init(app_ports: str, settings: Settings) -> Json:
    """The init container that puts the pod's traffic through the sidecar."""
    variables = {
        "APPMESH_START_ENABLED": "1",
        "APPMESH_IGNORE_UID": str(PROXY_UID),
        "APPMESH_ENVOY_INGRESS_PORT": str(INGRESS_PORT),
        "APPMESH_ENVOY_EGRESS_PORT": str(EGRESS_PORT),
        "APPMESH_APP_PORTS": app_ports,
        "APPMESH_EGRESS_IGNORED_IP": settings.egress_ignored_ips or INSTANCE_METADATA,
    }
    user: Json = {"capabilities": {"add": ["NET_ADMIN"]}}
    if settings.form != "getting-started":
        variables["APPMESH_EGRESS_IGNORED_PORTS"] = settings.egress_ignored_ports
        variables["APPMESH_ENABLE_IPV6"] = "1" if settings.ipv6 else "0"
        # A capability that is added to a container takes effect for root alone.
        user |= {"runAsUser": 0, "runAsNonRoot": False}
    made: Json = {"name": PROXY_INIT, "image": settings.init_image, "securityContext": user}
    made["env"] = [{"name": name, "value": value} for name, value in variables.items()]
    if settings.form != "getting-started" and (resources := dict(_resources(settings))):
        made["resources"] = resources
    return made


def xray(mount: tuple[str, str] | None, settings: Settings) -> Json:
    """X-Ray's daemon; with a volume of its configuration, it is started on that."""
    port: Json = {
        "name": "xray",
        "containerPort": settings.tracer_port or TRACER_PORTS["xray"],
        "protocol": "UDP",
    }
    made: Json = {
        "name": XRAY,
        "image": settings.xray_image,
        "securityContext": {"runAsUser": PROXY_UID},
        "ports": [port],
        "env": [{"name": "AWS_REGION", "value": settings.region}] if settings.region else [],
    }
    if mount is not None:
        volume, path = mount
        made["command"] = ["/xray", "--config", f"{path}/xray-daemon.yaml"]
        made["volumeMounts"] = [{"name": volume, "mountPath": path, "readOnly": True}]
    if resources := dict(_resources(settings)):
        made["resources"] = resources
    return made
