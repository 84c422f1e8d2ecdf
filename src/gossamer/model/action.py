"""Where a route sends what it matched.

Source: App Mesh API 2019-01-25, `HttpRouteAction`, `GrpcRouteAction`, `TcpRouteAction`, `WeightedTarget`.
"""

from typing import Annotated

from gossamer.model.names import ResourceName
from gossamer.model.port_mapping import PortNumber
from gossamer.model.rule import Between, Items
from gossamer.model.spec import Spec


class WeightedTarget(Spec):
    """A virtual node and its share of the traffic."""

    virtual_node: ResourceName
    """The node, in the same mesh."""
    weight: Annotated[int, Between(0, 100)]
    """Its share, relative to the sum of all weights of the route; the sum need not be 100."""
    port: PortNumber | None = None
    """Which of the node's listeners; needed when the node has several."""


WeightedTargets = Annotated[tuple[WeightedTarget, ...], Items(1, 10)]


class HttpRouteAction(Spec):
    """Where an HTTP route sends requests."""

    weighted_targets: WeightedTargets
    """The nodes that share the requests."""


class GrpcRouteAction(Spec):
    """Where a gRPC route sends requests."""

    weighted_targets: WeightedTargets
    """The nodes that share the requests."""


class TcpRouteAction(Spec):
    """Where a TCP route sends connections."""

    weighted_targets: WeightedTargets
    """The nodes that share the connections."""
