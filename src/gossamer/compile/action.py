"""Weighted targets -> what an Envoy route, or a TCP proxy, does with what it matched.

Source: App Mesh API `WeightedTarget`; App Mesh roadmap issue 204 for zero weights in TCP.
"""

from collections.abc import Sequence
from typing import Final

from envoy.config.core.v3.base_pb2 import DataSource
from envoy.config.route.v3.route_components_pb2 import DirectResponseAction, RouteAction, WeightedCluster
from envoy.extensions.filters.network.tcp_proxy.v3.tcp_proxy_pb2 import TcpProxy

from gossamer.compile.cluster import egress_cluster_name
from gossamer.compile.retry import retry_policy
from gossamer.compile.timeout import idle_timeout, request_timeout
from gossamer.compile.value import uint32
from gossamer.mesh.view import ResolvedRoute, WeightedDestination
from gossamer.model.route import GrpcRoute, HttpRoute

#: What a route answers that has no target to send a request to.
NO_TARGET: Final = DirectResponseAction(
    status=503, body=DataSource(inline_string="no target of this route can be reached\n")
)


def has_target(targets: Sequence[WeightedDestination]) -> bool:
    """Whether any traffic can go anywhere: Envoy refuses a total weight of zero."""
    return any(target.weight > 0 for target in targets)


def route_action(mesh: str, route: ResolvedRoute) -> RouteAction:
    """Translate where a matched request goes, how long it may take, and when it is tried again.

    Shape:  always weighted clusters, as the managed service wrote them, even for one target.
    Absent: a service that a node provides itself has the default timeout and retries, and no way to set them.
    """
    rule = route.rule if isinstance(route.rule, HttpRoute | GrpcRoute) else None
    return RouteAction(
        weighted_clusters=WeightedCluster(
            clusters=[
                # A target of weight zero stays: its cluster is warm when the weight is raised.
                WeightedCluster.ClusterWeight(
                    name=egress_cluster_name(mesh, target.destination), weight=uint32(target.weight)
                )
                for target in route.targets
            ]
        ),
        timeout=request_timeout(rule.timeout if rule is not None else None),
        idle_timeout=idle_timeout(rule.timeout if rule is not None else None),
        retry_policy=retry_policy(rule.retry_policy if rule is not None else None),
    )


def tcp_clusters(mesh: str, targets: Sequence[WeightedDestination]) -> TcpProxy.WeightedCluster:
    """Translate where a connection goes; Envoy takes no zero weight here, so those targets are left out."""
    return TcpProxy.WeightedCluster(
        clusters=[
            TcpProxy.WeightedCluster.ClusterWeight(
                name=egress_cluster_name(mesh, target.destination), weight=target.weight
            )
            for target in targets
            if target.weight > 0
        ]
    )
