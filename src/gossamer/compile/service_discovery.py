"""model.service_discovery -> how an Envoy cluster finds its endpoints.

Source: App Mesh API `ServiceDiscovery`; App Mesh roadmap issues 238 and 273; App Mesh examples, howto-ipv6.
"""

from typing import Final

from envoy.config.cluster.v3.cluster_pb2 import Cluster

from gossamer.model.service_discovery import DnsResponseType, IpPreference

LOOKUP_FAMILY: Final = {
    None: Cluster.AUTO,
    IpPreference.IPV4_PREFERRED: Cluster.V4_PREFERRED,
    # Envoy's AUTO asks for IPv6 first.
    IpPreference.IPV6_PREFERRED: Cluster.AUTO,
    IpPreference.IPV4_ONLY: Cluster.V4_ONLY,
    IpPreference.IPV6_ONLY: Cluster.V6_ONLY,
}

RESPONSE_TYPE: Final = {
    None: Cluster.LOGICAL_DNS,
    DnsResponseType.LOADBALANCER: Cluster.LOGICAL_DNS,
    DnsResponseType.ENDPOINTS: Cluster.STRICT_DNS,
}
