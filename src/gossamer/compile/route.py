"""A resolved route -> envoy.config.route.v3.Route, and the order in which routes are tried.

Source: App Mesh user guide, routes, priority; App Mesh roadmap issue 77 for the order before priorities.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from envoy.config.route.v3.route_components_pb2 import Route, RouteMatch

from gossamer.compile.action import NO_TARGET, has_target, route_action
from gossamer.compile.match import exactly, grpc_match, http_match, specificity
from gossamer.compile.metric_tag import metric_tags
from gossamer.mesh.view import ResolvedRoute
from gossamer.model.route import GrpcRoute, HttpRoute

#: Routes without a priority come after all that have one; 1000 is the last that can be written.
LAST: Final = 1001


@dataclass(frozen=True, slots=True)
class Mark:
    """A header that a gateway puts on requests, so that the way out knows which routes they are for.

    One that stays is seen by applications, and taken out of their answers.
    """

    header: str
    value: str
    stays: bool


def envoy_routes(
    mesh: str, service: str, routes: Iterable[ResolvedRoute], marks: Sequence[Mark] = ()
) -> list[Route]:
    """Translate a service's routes, first match first; with marks, only for requests that carry them."""
    return [envoy_route(mesh, service, route, marks) for route in in_order(routes)]


def in_order(routes: Iterable[ResolvedRoute]) -> list[ResolvedRoute]:
    """A service's routes in the order in which they are tried."""
    return sorted(routes, key=precedence)


def envoy_route(mesh: str, service: str, route: ResolvedRoute, marks: Sequence[Mark] = ()) -> Route:
    """Translate one route; without a target that takes traffic it answers 503."""
    message = Route(
        match=route_match(route),
        metadata=metric_tags(TargetVirtualService=service),
        request_headers_to_remove=[mark.header for mark in marks if not mark.stays],
        response_headers_to_remove=[mark.header for mark in marks if mark.stays],
    )
    message.match.headers.extend(exactly(mark.header, mark.value) for mark in marks)
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
    conditions = len(match.headers) + len(match.query_parameters)
    priority = LAST if route.priority is None else route.priority
    return (priority, *specificity(match), -conditions, route.name)
