"""model.service_discovery -> how an Envoy cluster finds its endpoints.

Source: App Mesh API `ServiceDiscovery`; App Mesh roadmap issues 238 and 273; App Mesh examples, howto-ipv6.
"""

from typing import Final

from envoy.config.cluster.v3.cluster_pb2 import Cluster

from gossamer.model.service_discovery import DnsResponseType, IpPreference, ServiceDiscovery

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


def discovery_name(discovery: ServiceDiscovery) -> str:
    """The name that a node is known by: its DNS name, or what Cloud Map would register for it."""
    if discovery.dns is not None:
        return discovery.dns.hostname
    if discovery.aws_cloud_map is not None:
        return f"{discovery.aws_cloud_map.service_name}.{discovery.aws_cloud_map.namespace_name}"
    return ""
