"""A gateway route -> envoy.config.route.v3.Route: from a gateway's listener to the gateway's own way out.

A request passes a gateway twice: here it is given the virtual service's name, there it meets that service's
routes. Tries and shares of traffic belong to the second.
Source: public configuration dumps of App Mesh gateways; user guide, gateway routes; App Mesh roadmap issues
247, 365 and 376.
"""

from collections.abc import Iterable, Iterator

from envoy.config.core.v3.base_pb2 import HeaderValue, HeaderValueOption
from envoy.config.route.v3.route_components_pb2 import Route, RouteAction, RouteMatch
from google.protobuf.duration_pb2 import Duration

from gossamer.compile import names
from gossamer.compile.gateway_match import grpc_gateway_match, http_gateway_match
from gossamer.compile.match import specificity
from gossamer.compile.memory import remembered
from gossamer.compile.rewrite import keeps_host, matched_prefixes, path_rewrite
from gossamer.compile.route import LAST, Mark
from gossamer.compile.timeout import longest_idle_timeout, longest_request_timeout
from gossamer.mesh.view import GatewayView, ResolvedGatewayRoute, ServicePort
from gossamer.model.gateway_route import HttpGatewayRoute


def rewrites_host(route: ResolvedGatewayRoute) -> bool:
    """Whether the host becomes the virtual service's name."""
    rewrite = route.rule.action.rewrite
    return rewrite is None or not keeps_host(rewrite.hostname)


def service_port_mark(view: GatewayView, port: ServicePort) -> tuple[Mark, ...]:
    """What tells the ports of one service apart on the way out, where a gateway leads to several of them."""
    several = len(view.ports.get(port.service, ())) > 1
    return (Mark(names.SERVICE_PORT_HEADER, str(port.port), stays=False),) if several else ()


def gateway_routes(
    view: GatewayView, routes: Iterable[ResolvedGatewayRoute], cluster: str
) -> list[tuple[ResolvedGatewayRoute, Route]]:
    """Translate the gateway routes of one listener, first match first; each entry with what it is of.

    Shape: by priority, those without one last; then exact paths, expressions, longer prefixes; then more
           conditions; then by text and name.
    """
    found = [
        (_precedence(route, match), route, _envoy_route(view, route, match, cluster))
        for route in routes
        for match in _matches(route)
    ]
    return [(route, message) for _, route, message in sorted(found, key=lambda one: one[0])]


def path_action(route: ResolvedGatewayRoute) -> RouteAction:
    """What becomes of the path."""
    return path_rewrite(route.rule) if isinstance(route.rule, HttpGatewayRoute) else RouteAction()


def _matches(route: ResolvedGatewayRoute) -> Iterator[RouteMatch]:
    if isinstance(route.rule, HttpGatewayRoute):
        for prefix in matched_prefixes(route.rule):
            yield http_gateway_match(route.rule.match, prefix)
    else:
        yield grpc_gateway_match(route.rule.match)


def _precedence(route: ResolvedGatewayRoute, match: RouteMatch) -> tuple[int, tuple[int, int], int, str, str]:
    conditions = len(match.headers) + len(match.query_parameters)
    priority = LAST if route.priority is None else route.priority
    return (priority, specificity(match), -conditions, match.prefix or match.path, route.name)


def _envoy_route(view: GatewayView, route: ResolvedGatewayRoute, match: RouteMatch, cluster: str) -> Route:
    """One entry. A service that is not there keeps its entry, so that no other route takes its requests."""
    action = path_action(route)
    action.cluster = cluster
    if rewrites_host(route):
        action.host_rewrite_literal = route.service
    timeout, idle = _patience(route.target) if route.target is not None else (None, None)
    if timeout is not None:
        action.timeout.CopyFrom(timeout)
    if idle is not None:
        action.idle_timeout.CopyFrom(idle)
    marks = service_port_mark(view, route.target) if route.target is not None else ()
    return Route(match=match, route=action, request_headers_to_add=headers_for(route, marks))


@remembered
def _patience(target: ServicePort) -> tuple[Duration | None, Duration | None]:
    """How long the routes behind it have at most, and how long nothing may be said."""
    return longest_request_timeout(target.routes), longest_idle_timeout(target.routes)


def headers_for(route: ResolvedGatewayRoute, marks: Iterable[Mark]) -> list[HeaderValueOption]:
    """What the way out and the application need to know; what a client wrote there itself is written over."""
    said = [] if rewrites_host(route) else [(names.VIRTUAL_SERVICE_HEADER, route.service)]
    said += [(mark.header, mark.value) for mark in marks]
    return [
        HeaderValueOption(
            header=HeaderValue(key=key, value=value),
            append_action=HeaderValueOption.OVERWRITE_IF_EXISTS_OR_ADD,
        )
        for key, value in said
    ]
