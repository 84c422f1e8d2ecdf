"""A resolved route -> envoy.config.route.v3.Route, and the order in which routes are tried.

Source: App Mesh user guide, routes, priority; App Mesh roadmap issue 77 for the order before priorities.
"""

from collections.abc import Iterable
from typing import Final

from envoy.config.route.v3.route_components_pb2 import Route, RouteMatch

from gossamer.compile.action import NO_TARGET, has_target, route_action
from gossamer.compile.match import conditions, grpc_match, http_match
from gossamer.compile.metric_tag import metric_tags
from gossamer.mesh.view import ResolvedRoute
from gossamer.model.route import GrpcRoute, HttpRoute

#: Routes without a priority come after all that have one; 1000 is the last that can be written.
LAST: Final = 1001


def envoy_routes(mesh: str, service: str, routes: Iterable[ResolvedRoute]) -> list[Route]:
    """Translate a service's routes, first match first."""
    return [envoy_route(mesh, service, route) for route in sorted(routes, key=precedence)]


def envoy_route(mesh: str, service: str, route: ResolvedRoute) -> Route:
    """Translate one route; without a target that takes traffic it answers 503."""
    message = Route(match=route_match(route), metadata=metric_tags(TargetVirtualService=service))
    if has_target(route.targets):
        message.route.CopyFrom(route_action(mesh, route))
    else:
        message.direct_response.CopyFrom(NO_TARGET)
    return message


def route_match(route: ResolvedRoute) -> RouteMatch:
    """What the route is for; a service that a node provides itself takes everything."""
    match route.rule:
        case HttpRoute():
            return http_match(route.rule.match)
        case GrpcRoute():
            return grpc_match(route.rule.match)
        case _:
            return RouteMatch(prefix="/")


def precedence(route: ResolvedRoute) -> tuple[int, int, int, int, str]:
    """Where a route stands: lower comes first.

    By priority; then exact paths, regular expressions, longer prefixes; then more conditions; then by name.
    What comes after the priority is our choice where the managed service's is not known: only the longest
    prefix is.
    """
    match = route_match(route)
    shape = match.WhichOneof("path_specifier")
    rank = {"path": 0, "safe_regex": 1}.get(shape or "", 2)
    said = route.rule.match if isinstance(route.rule, HttpRoute | GrpcRoute) else None
    count = conditions(said) if said is not None else 0
    return (LAST if route.priority is None else route.priority, rank, -len(match.prefix), -count, route.name)
