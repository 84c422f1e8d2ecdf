"""Ports, user ids and names that several programs share.

Source: App Mesh user guide, proxy configuration; the numbers are those of every App Mesh task definition.
"""

from typing import Final

API_PORT: Final = 8080
XDS_PORT: Final = 18000
INGRESS_PORT: Final = 15000
EGRESS_PORT: Final = 15001
ADMIN_PORT: Final = 9901
AGENT_PORT: Final = 9902

#: The proxy's own secret discovery service, as the bootstrap calls it and listeners and clusters refer to it.
SDS_CLUSTER: Final = "static_cluster_sds_unix_socket"

#: The user that Envoy runs as, and whose traffic is never intercepted.
PROXY_UID: Final = 1337

#: The account of callers that no key names.
DEFAULT_ACCOUNT: Final = "000000000000"
DEFAULT_REGION: Final = "us-west-2"

#: Where a proxy's metadata asks for what goes beyond its endpoint's own configuration.
METRICS_WISH: Final = "aws.appmesh.metric_filter"
RUNTIME_WISH: Final = "aws.appmesh.static_runtime"
TRACING_DECISION_WISH: Final = "envoy.reloadable_features.http_set_tracing_decision_in_request_id"
DNS_WISH: Final = "gossamer.dns"
#: Where it says that the proxy takes HTTP/2 for an application that speaks HTTP/1.1.
HTTP2_WISH: Final = "gossamer.http2"
#: Where it says what its requests may do without: `{"ids": false, "idle_timeout": false, "headers": false}`.
REQUESTS_WISH: Final = "gossamer.requests"
#: Where it says which agent started the proxy.
AGENT: Final = "gossamer.agent"
