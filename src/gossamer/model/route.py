"""A route: which requests of a virtual router go where, and how patiently.

Source: App Mesh API 2019-01-25, `RouteSpec` and the shapes below it; user guide, page on routes.
"""

from collections.abc import Iterator
from typing import Annotated

from gossamer.model.action import GrpcRouteAction, HttpRouteAction, TcpRouteAction
from gossamer.model.match import GrpcRouteMatch, HttpRouteMatch, TcpRouteMatch
from gossamer.model.retry import GrpcRetryPolicy, HttpRetryPolicy
from gossamer.model.rule import Between
from gossamer.model.spec import Ruled, Spec, Violated, exactly_one
from gossamer.model.timeout import GrpcTimeout, HttpTimeout, TcpTimeout


class HttpRoute(Spec):
    """A route of HTTP/1.1 or HTTP/2 requests."""

    match: HttpRouteMatch
    """Which requests."""
    action: HttpRouteAction
    """Where they go."""
    timeout: HttpTimeout | None = None
    """How long they may take."""
    retry_policy: HttpRetryPolicy | None = None
    """When they are tried again; without it, a few safe failures are."""


class GrpcRoute(Spec):
    """A route of gRPC requests."""

    match: GrpcRouteMatch
    """Which requests."""
    action: GrpcRouteAction
    """Where they go."""
    timeout: GrpcTimeout | None = None
    """How long they may take."""
    retry_policy: GrpcRetryPolicy | None = None
    """When they are tried again; without it, a few safe failures are."""


class TcpRoute(Spec):
    """A route of TCP connections."""

    match: TcpRouteMatch | None = None
    """Which connections."""
    action: TcpRouteAction
    """Where they go."""
    timeout: TcpTimeout | None = None
    """How long they may be idle."""


class RouteSpec(Ruled):
    """What an operator says of a route; exactly one of the four routes must be set."""

    priority: Annotated[int, Between(0, 1000)] | None = None
    """Its place among the router's routes: 0 is asked first, and a route without priority last."""
    http_route: HttpRoute | None = None
    """For a router that speaks HTTP/1.1."""
    http2_route: HttpRoute | None = None
    """For a router that speaks HTTP/2."""
    grpc_route: GrpcRoute | None = None
    """For a router that speaks gRPC."""
    tcp_route: TcpRoute | None = None
    """For a router that passes TCP on."""

    def _broken_rules(self) -> Iterator[Violated]:
        routes = (self.http_route, self.http2_route, self.grpc_route, self.tcp_route)
        if sum(route is not None for route in routes) != 1:
            yield Violated(exactly_one(("httpRoute", "http2Route", "grpcRoute", "tcpRoute")))
