"""Certificates from a provider beside the proxy, such as SPIRE's agent -> a static cluster (as JSON).

Source: App Mesh user guide, TLS, `APPMESH_SDS_SOCKET_PATH`; the cluster's name stands in every secret's
source.
"""

from typing import Final

from gossamer.contract import SDS_CLUSTER
from gossamer.sidecar.json_value import Json, one_endpoint, pipe
from gossamer.sidecar.upstream import http2
from gossamer.sidecar.variable import Text, Variable

SOCKET: Final = Text(
    names=("APPMESH_SDS_SOCKET_PATH",),
    flag="--sds-socket-path",
    takes="a Unix socket",
    meaning="Where a provider of certificates answers, for virtual nodes whose TLS names one.",
)

TABLE: Final[tuple[Variable, ...]] = (SOCKET,)


def sds_cluster(socket: str) -> Json:
    """The provider as a cluster; gRPC needs HTTP/2."""
    return {
        "name": SDS_CLUSTER,
        "type": "STATIC",
        "connect_timeout": "1s",
        "typed_extension_protocol_options": http2(),
        "load_assignment": one_endpoint(SDS_CLUSTER, pipe(socket)),
    }
