"""Who and where a proxy is: variables and facts of the platform -> envoy.config.core.v3.Node (as JSON).

Source: App Mesh user guide, Envoy image variables; App Mesh's agent, node metadata.
"""

from dataclasses import dataclass
from typing import Final

from gossamer.contract import AGENT, HTTP2_WISH, METRICS_WISH, REQUESTS_WISH, RUNTIME_WISH
from gossamer.sidecar.facts import Facts
from gossamer.sidecar.identity import Identity, identity
from gossamer.sidecar.json_value import Json, parsed
from gossamer.sidecar.variable import Choice, Misconfigured, Reader, Text, Truth, Variable

RESOURCE_ARN: Final = Text(
    names=("APPMESH_RESOURCE_ARN", "APPMESH_RESOURCE_NAME", "APPMESH_VIRTUAL_NODE_NAME"),
    flag="--resource-arn",
    takes="an ARN, or mesh/MESH/virtualNode/NODE, or mesh/MESH/virtualGateway/GATEWAY",
    meaning="The virtual node or gateway that this proxy is. Required unless ENVOY_CONFIG_FILE is set.",
)
RESOURCE_CLUSTER: Final = Text(
    names=("APPMESH_RESOURCE_CLUSTER", "APPMESH_VIRTUAL_NODE_CLUSTER"),
    flag="--resource-cluster",
    meaning="The service's name in metrics and traces. Without it, the identity itself.",
)
REGION: Final = Text(
    names=("AWS_REGION",),
    flag="--region",
    meaning="The region that this proxy is in. Without it, the region of the ARN, else what "
    "the platform says.",
)
ZONE_ID: Final = Text(
    names=("GOSSAMER_AVAILABILITY_ZONE_ID",),
    flag="--availability-zone-id",
    takes="an availability zone's id, such as usw2-az1",
    meaning="The zone that this proxy is in. Without it, what the platform says; without both, no locality.",
)
METRICS: Final = Choice(
    names=("APPMESH_METRIC_EXTENSION_VERSION",),
    flag="--metric-extension-version",
    default="0",
    among=("0", "1"),
    meaning="1 asks the control plane for App Mesh's own metrics, `envoy.appmesh.*`.",
)
ACCEPTS_HTTP2: Final = Truth(
    names=("GOSSAMER_ACCEPTS_HTTP2",),
    flag="--accepts-http2",
    default=True,
    meaning="Says that other sidecars may speak HTTP/2 to this one where its application speaks HTTP/1.1; "
    "`gossamer serve --http2` decides. False where some address of the virtual node has no sidecar.",
)
MAKES_REQUEST_IDS: Final = Truth(
    names=("GOSSAMER_MAKES_REQUEST_IDS",),
    flag="--makes-request-ids",
    default=True,
    meaning="Whether a request without `x-request-id` gets one. False saves processor time; one that has it "
    "keeps it. Spans need it.",
)
ENDS_IDLE_REQUESTS: Final = Truth(
    names=("GOSSAMER_ENDS_IDLE_REQUESTS",),
    flag="--ends-idle-requests",
    default=True,
    meaning="Whether an upload, a stream of gRPC or a WebSocket ends after 5 minutes without a byte, where "
    "no timeout of the mesh says otherwise. False saves processor time; TCP still notices whoever is gone.",
)
SHOWS_ENVOY: Final = Truth(
    names=("GOSSAMER_SHOWS_ENVOY",),
    flag="--shows-envoy",
    default=True,
    meaning="Whether Envoy adds headers that tell of itself: `server: envoy` in place of the application's, "
    "`x-envoy-upstream-service-time` and the like. False saves processor time.",
)
K8S_VERSION: Final = Text(
    names=("APPMESH_PLATFORM_K8S_VERSION",),
    flag="--platform-k8s-version",
    meaning="The cluster's version, told to the control plane when the three of this kind are set.",
)
K8S_POD_UID: Final = Text(
    names=("APPMESH_PLATFORM_K8S_POD_UID",),
    flag="--platform-k8s-pod-uid",
    takes="a pod's uid, from the downward API",
    meaning="The pod's uid, told to the control plane when the three of this kind are set.",
)
CONTROLLER_VERSION: Final = Text(
    names=("APPMESH_PLATFORM_APP_MESH_CONTROLLER_VERSION",),
    flag="--platform-app-mesh-controller-version",
    meaning="The injector's version, told to the control plane when the three of this kind are set.",
)
INSTANCE_ARN: Final = Text(
    names=("ECS_CONTAINER_INSTANCE_ARN",),
    flag="--ecs-container-instance-arn",
    takes="an ARN",
    meaning="The machine that an ECS task runs on, told to the control plane.",
)
FIPS: Final = Truth(
    names=("APPNET_FIPS_MODE_ENABLED",),
    flag="--fips-mode-enabled",
    default=False,
    meaning="Tells the control plane that this proxy must use approved cryptography only.",
)
IP_MAPPING: Final = Text(
    names=("APPNET_CONTAINER_IP_MAPPING",),
    flag="--container-ip-mapping",
    takes="a JSON object",
    meaning="Told to the control plane as `aws.ecs.serviceconnect.ClusterIPMapping`.",
)
PORT_MAPPING: Final = Text(
    names=("APPNET_LISTENER_PORT_MAPPING",),
    flag="--listener-port-mapping",
    takes="a JSON object",
    meaning="Told to the control plane as `aws.ecs.serviceconnect.ListenerPortMapping`.",
)

TABLE: Final[tuple[Variable, ...]] = (
    RESOURCE_ARN, RESOURCE_CLUSTER, REGION, ZONE_ID, METRICS, ACCEPTS_HTTP2, MAKES_REQUEST_IDS,
    ENDS_IDLE_REQUESTS, SHOWS_ENVOY, K8S_VERSION, K8S_POD_UID, CONTROLLER_VERSION, INSTANCE_ARN, FIPS,
    IP_MAPPING, PORT_MAPPING,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSettings:
    """What an operator said of the proxy itself."""

    identity: Identity | None
    cluster: str
    region: str
    zone_id: str
    has_metrics: bool
    accepts_http2: bool
    makes_request_ids: bool
    ends_idle_requests: bool
    shows_envoy: bool
    kubernetes: Json
    instance_arn: str
    is_fips: bool
    mappings: Json


def node_settings(read: Reader, *, is_needed: bool) -> NodeSettings:
    """Read who the proxy is.

    Raises: Misconfigured for an identity that is missing or wrong.
    """
    who = _who(read.text(RESOURCE_ARN), is_needed=is_needed)
    return NodeSettings(
        identity=who,
        cluster=read.text(RESOURCE_CLUSTER) or (who.text if who else ""),
        region=read.text(REGION) or (who.region if who else ""),
        zone_id=read.text(ZONE_ID),
        has_metrics=read.choice(METRICS) == "1",
        accepts_http2=read.truth(ACCEPTS_HTTP2),
        makes_request_ids=read.truth(MAKES_REQUEST_IDS),
        ends_idle_requests=read.truth(ENDS_IDLE_REQUESTS),
        shows_envoy=read.truth(SHOWS_ENVOY),
        kubernetes=_kubernetes(read),
        instance_arn=read.text(INSTANCE_ARN),
        is_fips=read.truth(FIPS),
        mappings={
            f"aws.ecs.serviceconnect.{name}": found
            for name, variable in (("ClusterIPMapping", IP_MAPPING), ("ListenerPortMapping", PORT_MAPPING))
            if (found := _object(read, variable))
        },
    )


def node(settings: NodeSettings, facts: Facts, runtime: Json, wishes: Json) -> Json:
    """Who the proxy says it is; `wishes` is what it asks of the control plane beyond its endpoint's own.

    Absent: a zone that is not known leaves the whole locality out.
    Source: App Mesh user guide, Envoy image variables; envoy.config.core.v3.Node.
    """
    said: Json = {
        "id": settings.identity.text if settings.identity else "",
        "cluster": settings.cluster,
        "metadata": {RUNTIME_WISH: runtime, **_metadata(settings, facts), **wishes},
    }
    if zone := settings.zone_id or facts.zone_id:
        said["locality"] = {"region": settings.region or facts.region, "zone": zone}
    return said


def _metadata(settings: NodeSettings, facts: Facts) -> Json:
    """What the control plane is told beside the identity; nothing for what is not known."""
    metadata: Json = {
        "aws.appmesh.task.interfaces": facts.interfaces,
        METRICS_WISH: {"level": "1"} if settings.has_metrics else {},
        HTTP2_WISH: {"accepts": True} if settings.accepts_http2 else {},
        REQUESTS_WISH: _left_out(settings),
        AGENT: {"version": facts.agent} if facts.agent else {},
        "aws.appmesh.platformInfo": _platform(settings, facts),
    }
    return {name: found for name, found in metadata.items() if found} | settings.mappings


def _left_out(settings: NodeSettings) -> Json:
    """What requests may do without."""
    has = {
        "ids": settings.makes_request_ids,
        "idle_timeout": settings.ends_idle_requests,
        "headers": settings.shows_envoy,
    }
    return {name: False for name, is_there in has.items() if not is_there}


def _platform(settings: NodeSettings, facts: Facts) -> Json:
    """Where the proxy runs.

    Source: App Mesh's agent, `aws.appmesh.platformInfo`.
    """
    ecs: Json = dict(facts.ecs)
    if ecs and settings.instance_arn:
        ecs["ecsContainerInstanceArn"] = settings.instance_arn
    found: Json = {
        "k8sPlatformInfo": settings.kubernetes,
        "ecsPlatformInfo": ecs,
        "AvailabilityZone": facts.zone,
        "AvailabilityZoneID": settings.zone_id or facts.zone_id,
        "supportedIPFamilies": facts.ip_families,
        "systemInfo": facts.system,
        "fipsModeEnabled": settings.is_fips,
    }
    return {name: value for name, value in found.items() if value}


def _kubernetes(read: Reader) -> Json:
    """What the injector said of the pod; nothing unless it said all three."""
    found: Json = {
        "k8sVersion": read.text(K8S_VERSION),
        "podUid": read.text(K8S_POD_UID),
        "appMeshControllerVersion": read.text(CONTROLLER_VERSION),
    }
    return found if all(found.values()) else {}


def _object(read: Reader, variable: Text) -> Json:
    """A variable that holds a JSON object; anything else is ignored."""
    found = parsed(read.text(variable) or "{}")
    if isinstance(found, dict):
        return found
    read.refuse(variable, variable.takes)
    return {}


def _who(text: str, *, is_needed: bool) -> Identity | None:
    """The identity; a bootstrap of the operator's own carries one already.

    Source: App Mesh user guide, the sentence of a missing `APPMESH_RESOURCE_ARN`.
    """
    if text:
        return identity(text)
    if is_needed:
        raise Misconfigured("APPMESH_RESOURCE_ARN environment variable must be set.")
    return None
