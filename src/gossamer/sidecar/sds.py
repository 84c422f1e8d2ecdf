"""Certificates from a provider beside the proxy, such as SPIRE's agent -> a static cluster (as JSON).

Source: App Mesh user guide, TLS, `APPMESH_SDS_SOCKET_PATH`; the cluster's name stands in every secret's
source.
"""

from typing import Final

from gossamer.sidecar.json_value import Json, one_endpoint, pipe, typed
from gossamer.sidecar.variable import Text, Variable

SOCKET: Final = Text(
    names=("APPMESH_SDS_SOCKET_PATH",),
    flag="--sds-socket-path",
    takes="a Unix socket",
    meaning="Where a provider of certificates answers, for virtual nodes whose TLS names one.",
)

TABLE: Final[tuple[Variable, ...]] = (SOCKET,)

CLUSTER: Final = "static_cluster_sds_unix_socket"
_HTTP: Final = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"


def sds_cluster(socket: str) -> Json:
    """The provider as a cluster; gRPC needs HTTP/2."""
    http2 = typed(_HTTP, explicit_http_config={"http2_protocol_options": {}})
    return {
        "name": CLUSTER,
        "type": "STATIC",
        "connect_timeout": "1s",
        "typed_extension_protocol_options": {_HTTP: http2},
        "load_assignment": one_endpoint(CLUSTER, pipe(socket)),
    }
