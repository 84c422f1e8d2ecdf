"""Every name that Envoy sees, minted here and never parsed back.

Dashboards, alarms and scripts of App Mesh's users read these names out of Envoy's statistics, so they are App
Mesh's to the letter.
Source: public configuration dumps of App Mesh proxies (2021, 2022); App Mesh user guide, Envoy metrics.
"""

from collections.abc import Iterable
from typing import Final

from gossamer.contract import EGRESS_PORT, INGRESS_PORT
from gossamer.model.port_mapping import PortProtocol
from gossamer.model.tls import ListenerTlsFileCertificate

#: The catch-all virtual host of a mesh that lets everything out.
ALLOW_ALL_VIRTUAL_HOST: Final = "mesh_allow_all"
#: The only virtual host on the way in. The managed service's name for it is not known.
INGRESS_VIRTUAL_HOST: Final = "ingress"

#: The only virtual host of a gateway's listener.
SELF_REDIRECT_VIRTUAL_HOST: Final = "self_redirect"
#: Where a gateway's requests with their own host go out.
DEFAULT_BACKEND_VIRTUAL_HOST: Final = "default_backend"

#: On a gateway's request that keeps its own host: the virtual service that it is for. Applications see it.
VIRTUAL_SERVICE_HEADER: Final = "x-app-mesh-virtual-service"
#: Beside it, inside the gateway only, for a service with several ports: which of them. The name is ours.
SERVICE_PORT_HEADER: Final = "x-app-mesh-virtual-service-port"

INGRESS: Final = "ingress"
EGRESS: Final = "egress"

#: Where the managed service kept what its metrics extension needs to know.
METRIC_TAGS: Final = "aws.appmesh.aggregate_stats"


def ingress_listener() -> str:
    """The listener for what comes in. The address in it stays, whatever is bound: statistics show it."""
    return f"lds_ingress_0.0.0.0_{INGRESS_PORT}"


def egress_listener() -> str:
    """The listener for what goes out."""
    return f"lds_egress_0.0.0.0_{EGRESS_PORT}"


def gateway_listener(port: int) -> str:
    """One of a gateway's own listeners."""
    return f"lds_ingress_0.0.0.0_{port}"


def egress_listener_statistics(*, both_families: bool) -> str:
    """What statistics of the way out are found under, whatever is bound."""
    return f"{'[__]' if both_families else '0.0.0.0'}_{EGRESS_PORT}"  # noqa: S104 - a name, nothing is bound


def ingress_route_configuration(protocol: PortProtocol, port: int) -> str:
    """The routes of one of the node's own ports."""
    return f"rds_ingress_{protocol.value}_{port}"


def egress_route_configuration(protocol: PortProtocol, port: int) -> str:
    """The routes of one port that the application dials."""
    return f"rds_egress_{protocol.value}_{port}"


def ingress_cluster(mesh: str, node: str, protocol: PortProtocol, port: int) -> str:
    """The application on this machine."""
    return f"cds_ingress_{mesh}_{node}_{protocol.value}_{port}"


def egress_cluster(mesh: str, node: str, protocol: PortProtocol, port: int) -> str:
    """One listener of another node; the port is the node's own."""
    return f"cds_egress_{mesh}_{node}_{protocol.value}_{port}"


def aws_cluster(mesh: str) -> str:
    """Straight through to AWS's own services."""
    return f"cds_egress_{mesh}_amazonaws"


def allow_all_cluster(mesh: str) -> str:
    """Straight through to anything."""
    return f"cds_egress_{mesh}_mesh-allow-all"


def self_redirect_cluster(
    mesh: str, gateway: str, protocol: PortProtocol, port: int, *, listeners: int
) -> str:
    """From one of a gateway's listeners to its own way out; told apart by port where there are several."""
    one = f"{port}_" if listeners > 1 else ""
    return f"cds_ingress_{mesh}_{gateway}_self_redirect_{one}{protocol.value}_{EGRESS_PORT}"


def ingress_stat_prefix(protocol: PortProtocol, port: int, *, listeners: int) -> str:
    """What statistics of the way in begin with; told apart by port only where there are several."""
    return INGRESS if listeners == 1 else f"{INGRESS}.{protocol.value}.{port}"


def certificate_secret(arn: str) -> str:
    """A certificate of ACM with its key."""
    return arn


def trust_secret(arns: Iterable[str]) -> str:
    """The roots behind some ARNs."""
    return f"trust:{','.join(arns)}"


def file_certificate_secret(files: ListenerTlsFileCertificate) -> str:
    """A certificate and its key in files beside the proxy."""
    return f"file:{files.certificate_chain},{files.private_key}"


def file_trust_secret(path: str) -> str:
    """Roots in a file beside the proxy."""
    return f"trust:file:{path}"
