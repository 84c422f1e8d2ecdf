"""A gateway route: which requests at a virtual gateway go to which virtual service.

Source: App Mesh API 2019-01-25, `GatewayRouteSpec` and the shapes below it; user guide, page on
gateway routes.
"""

from collections.abc import Iterator
from typing import Annotated

from gossamer.model.gateway_match import GrpcGatewayRouteMatch, HttpGatewayRouteMatch
from gossamer.model.names import ServiceName
from gossamer.model.port_mapping import PortNumber
from gossamer.model.rewrite import GrpcGatewayRouteRewrite, HttpGatewayRouteRewrite
from gossamer.model.rule import Between
from gossamer.model.spec import Ruled, Spec, Violated, exactly_one


class GatewayRouteVirtualService(Spec):
    """A virtual service that requests go to."""

    virtual_service_name: ServiceName
    """The service, in the same mesh."""


class GatewayRouteTarget(Spec):
    """Where requests go."""

    virtual_service: GatewayRouteVirtualService
    """The virtual service."""
    port: PortNumber | None = None
    """Which of its provider's listeners; needed when the provider has several."""


class HttpGatewayRouteAction(Spec):
    """What an HTTP gateway route does with requests."""

    target: GatewayRouteTarget
    """Where they go."""
    rewrite: HttpGatewayRouteRewrite | None = None
    """What is changed before; without it, the host becomes the service's name and a matched prefix `/`."""


class GrpcGatewayRouteAction(Spec):
    """What a gRPC gateway route does with requests."""

    target: GatewayRouteTarget
    """Where they go."""
    rewrite: GrpcGatewayRouteRewrite | None = None
    """What is changed before; without it, the host becomes the service's name."""


class HttpGatewayRoute(Ruled):
    """A gateway route of HTTP/1.1 or HTTP/2 requests; a rewrite of the prefix or the path fits the match."""

    match: HttpGatewayRouteMatch
    """Which requests."""
    action: HttpGatewayRouteAction
    """What becomes of them."""

    def _broken_rules(self) -> Iterator[Violated]:
        rewrite = self.action.rewrite
        if rewrite is not None and rewrite.prefix is not None and self.match.path is not None:
            yield Violated("may not be set beside match.path, which has no prefix", "action.rewrite.prefix")
        if rewrite is not None and rewrite.path is not None and self.match.prefix is not None:
            yield Violated("may not be set beside match.prefix", "action.rewrite.path")


class GrpcGatewayRoute(Spec):
    """A gateway route of gRPC requests."""

    match: GrpcGatewayRouteMatch
    """Which requests."""
    action: GrpcGatewayRouteAction
    """What becomes of them."""


class GatewayRouteSpec(Ruled):
    """What an operator says of a gateway route; exactly one of the three routes must be set."""

    priority: Annotated[int, Between(0, 1000)] | None = None
    """Its place among the gateway's routes: 0 is asked first, and a route without priority last."""
    http_route: HttpGatewayRoute | None = None
    """For a listener that speaks HTTP/1.1."""
    http2_route: HttpGatewayRoute | None = None
    """For a listener that speaks HTTP/2."""
    grpc_route: GrpcGatewayRoute | None = None
    """For a listener that speaks gRPC."""

    def _broken_rules(self) -> Iterator[Violated]:
        routes = (self.http_route, self.http2_route, self.grpc_route)
        if sum(route is not None for route in routes) != 1:
            yield Violated(exactly_one(("httpRoute", "http2Route", "grpcRoute")))
