"""Addresses behind a cluster -> envoy.config.endpoint.v3.ClusterLoadAssignment."""

from collections.abc import Iterable

from envoy.config.endpoint.v3.endpoint_components_pb2 import Endpoint, LbEndpoint, LocalityLbEndpoints
from envoy.config.endpoint.v3.endpoint_pb2 import ClusterLoadAssignment

from gossamer.compile.address import address


def load_assignment(cluster: str, places: Iterable[tuple[str, int]]) -> ClusterLoadAssignment:
    """The hosts and ports of a cluster, each an address or a DNS name; none is a cluster that answers 503.

    Source: Envoy `ClusterLoadAssignment`; its name is the cluster's.
    """
    found = [LbEndpoint(endpoint=Endpoint(address=address(host, port))) for host, port in places]
    return ClusterLoadAssignment(
        cluster_name=cluster, endpoints=[LocalityLbEndpoints(lb_endpoints=found)] if found else []
    )
