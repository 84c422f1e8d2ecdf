"""What is put beside a workload: every option of `gossamer inject` and `gossamer webhook`.

Source: App Mesh user guide, Getting Started for Amazon ECS; the flags of App Mesh's Kubernetes controller
1.13 and their defaults.
"""

import ipaddress
from dataclasses import dataclass
from typing import Final, Literal

from gossamer.contract import ADMIN_PORT
from gossamer.inject.document import Refused

#: Where a container finds credentials and facts about its machine: never through the proxy.
INSTANCE_METADATA: Final = "169.254.169.254"
TASK_METADATA: Final = "169.254.170.2"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The virtual node or virtual gateway that a workload is."""

    mesh: str
    kind: Literal["virtualNode", "virtualGateway"]
    name: str

    @property
    def identity(self) -> str:
        """What the sidecar is told that it is."""
        return f"mesh/{self.mesh}/{self.kind}/{self.name}"

    @property
    def is_gateway(self) -> bool:
        """Whether it is a virtual gateway, whose traffic is not intercepted."""
        return self.kind == "virtualGateway"


def endpoint(mesh: str, virtual_node: str, virtual_gateway: str) -> Endpoint:
    """The endpoint of three flags.

    Raises: Refused unless there is a mesh, and either a node or a gateway.
    """
    if not mesh:
        raise Refused("name the mesh: --mesh")
    if bool(virtual_node) == bool(virtual_gateway):
        raise Refused("name either a virtual node, --virtual-node, or a virtual gateway, --virtual-gateway")
    if virtual_gateway:
        return Endpoint(mesh, "virtualGateway", virtual_gateway)
    return Endpoint(mesh, "virtualNode", virtual_node)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every option of what is put beside a workload."""

    image: str = ""
    """The sidecar's image. Required: where you pushed what `make images` built, or App Mesh's own."""

    init_image: str = ""
    """The route manager's image, for Kubernetes. Required there, unless a CNI plugin does its work."""

    xds_endpoint: str = ""
    """Where the control plane is, HOST:PORT. Without it the sidecar looks on its own machine."""

    region: str = ""
    """The AWS region that the sidecar is told."""

    log_level: Literal["trace", "debug", "info", "warning", "error", "critical", "off"] = "info"
    """How much Envoy logs."""

    app_ports: str = ""
    """The ports that the application serves, with commas. Without it, those that its containers name."""

    egress_ignored_ips: str = INSTANCE_METADATA
    """Addresses and CIDR blocks that pass. On ECS, those of task and instance metadata always do."""

    egress_ignored_ports: str = "22"
    """Ports that pass."""

    ipv6: bool = True
    """Whether IPv6 is intercepted too, on Kubernetes."""

    env: tuple[str, ...] = ()
    """More variables of the sidecar, NAME=VALUE; may be given several times."""

    secret: tuple[str, ...] = ()
    """Variables from secrets: NAME=ARN on ECS, NAME=SECRET/KEY on Kubernetes; may be given several times."""

    form: Literal["current", "getting-started"] = "current"
    """How much is written: all of today's members, or just those of the Getting Started's two snippets."""

    tracer: Literal["none", "xray", "jaeger", "datadog"] = "none"
    """Where traces go. X-Ray adds its daemon as a container."""

    tracer_address: str = ""
    """The tracer's address; `ref:status.hostIP` is the node's on Kubernetes. Not for X-Ray."""

    tracer_port: int = 0
    """The tracer's port; 0 is its usual one."""

    xray_image: str = "public.ecr.aws/xray/aws-xray-daemon"
    """The image of X-Ray's daemon."""

    xray_sampling_rate: str = "0.05"
    """Which share of requests is traced, 0 to 1."""

    stats_tags: bool = False
    """Whether statistics carry the mesh's and the endpoint's names."""

    dog_statsd: bool = False
    """Whether statistics are sent to DogStatsD."""

    statsd_address: str = "127.0.0.1"
    """DogStatsD's address; `ref:status.hostIP` is the node's on Kubernetes."""

    statsd_port: int = 8125
    """DogStatsD's port."""

    statsd_socket_path: str = ""
    """DogStatsD's Unix socket, in place of address and port."""

    sds_socket_path: str = ""
    """The Unix socket of a secret discovery service, such as /run/spire/sockets/agent.sock."""

    cpu_request: str = "10m"
    """How much CPU the sidecar asks for, on Kubernetes."""

    memory_request: str = "32Mi"
    """How much memory the sidecar asks for, on Kubernetes."""

    cpu_limit: str = ""
    """The most CPU that the sidecar may use, on Kubernetes."""

    memory_limit: str = ""
    """The most memory that the sidecar may use, on Kubernetes."""

    prestop_delay: int = 20
    """Seconds that the sidecar outlives a request to stop, on Kubernetes."""

    wait_until_proxy_ready: bool = False
    """Whether the application's containers start only once the sidecar is ready, on Kubernetes."""

    native_sidecar: bool = False
    """Whether the sidecar is an init container that stays (Kubernetes 1.29 or newer): right for jobs."""

    admin_port: int = ADMIN_PORT
    """The port of the sidecar's admin interface."""


#: What our containers are called, on ECS and on Kubernetes.
ENVOY: Final = "envoy"
XRAY: Final = "xray-daemon"

#: Envoy has answered JSON since 1.9, so the Getting Started's own check, which reads the third word of a line
#: of text, succeeds with our sidecar only; this one succeeds with every Envoy.
LIVE: Final = "curl -s http://localhost:{port}/server_info | grep state | grep -q LIVE"

#: The usual ports of tracers.
TRACER_PORTS: Final = {"xray": 2000, "jaeger": 9411, "datadog": 8126}
TRACER_ADDRESSES: Final = {"jaeger": "appmesh-jaeger.appmesh-system", "datadog": "datadog.appmesh-system"}


def pair(text: str, flag: str) -> tuple[str, str]:
    """NAME and VALUE of `NAME=VALUE`."""
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise Refused(f"{flag} {text!r} is not NAME=VALUE")
    return name, value


def ports(text: str, where: str) -> tuple[int, ...]:
    """Ports of a list with commas.

    Raises: Refused for what is no port, naming `where` it stands.
    """
    found = tuple(item.strip() for item in text.split(",") if item.strip())
    for item in found:
        if not (item.isascii() and item.isdecimal() and 0 < int(item) < 2**16):
            raise Refused(f"{where}: {item!r} is not a port; a list of ports has commas and no blanks")
    return tuple(int(item) for item in found)


def addresses(text: str, where: str) -> tuple[str, ...]:
    """Addresses and CIDR blocks of a list with commas, as they are written.

    Raises: Refused for what is neither, naming `where` it stands.
    """
    found = tuple(item.strip() for item in text.split(",") if item.strip())
    for item in found:
        try:
            ipaddress.ip_network(item, strict=False)
        except ValueError as error:
            raise Refused(f"{where}: {item!r} is no IP address and no CIDR block") from error
    return found
