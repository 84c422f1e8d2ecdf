"""model.gateway_match -> envoy.config.route.v3.RouteMatch.

Source: App Mesh API `HttpGatewayRouteMatch`, `GrpcGatewayRouteMatch`; user guide, gateway routes; App Mesh
roadmap issue 365 for hosts with a port.
"""

import re

from envoy.config.route.v3.route_components_pb2 import HeaderMatcher, RouteMatch
from envoy.type.matcher.v3.regex_pb2 import RegexMatcher
from envoy.type.matcher.v3.string_pb2 import StringMatcher

from gossamer.compile.match import header_matcher, http_headers, path_match, query_matcher, service_prefix
from gossamer.model.gateway_match import (
    GatewayRouteHostnameMatch,
    GrpcGatewayRouteMatch,
    HttpGatewayRouteMatch,
)


def http_gateway_match(match: HttpGatewayRouteMatch, prefix: str) -> RouteMatch:
    """Translate which HTTP requests a gateway route is for, at one of its prefixes."""
    others = RouteMatch(
        headers=[*http_headers(match), *_host(match.hostname)],
        query_parameters=[query_matcher(parameter) for parameter in match.query_parameters or ()],
    )
    return path_match(match.path, prefix, others)


def grpc_gateway_match(match: GrpcGatewayRouteMatch) -> RouteMatch:
    """Translate which gRPC calls a gateway route is for."""
    return RouteMatch(
        prefix=service_prefix(match.service_name),
        headers=[*(header_matcher(one) for one in match.metadata or ()), *_host(match.hostname)],
        grpc=RouteMatch.GrpcRouteMatchOptions(),
    )


def _host(hostname: GatewayRouteHostnameMatch | None) -> list[HeaderMatcher]:
    """Translate the host that a client asks for, with any port or none, in any case.

    Shape: a condition beside the others, so that the order of routes is theirs whatever their hosts are.
    """
    if hostname is None:
        return []
    name = re.escape(hostname.exact or hostname.suffix or "")
    start = "" if hostname.exact is not None else ".*"
    pattern = RegexMatcher(regex=f"(?i){start}{name}(:[0-9]+)?")
    return [HeaderMatcher(name=":authority", string_match=StringMatcher(safe_regex=pattern))]
