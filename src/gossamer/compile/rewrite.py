"""model.rewrite -> what an Envoy route changes of a request.

Source: App Mesh API `HttpGatewayRouteRewrite`, `GrpcGatewayRouteRewrite`; public configuration dumps of App
Mesh gateways; user guide, gateway routes, rewrites.
"""

from typing import Final

from envoy.config.route.v3.route_components_pb2 import RouteAction
from envoy.type.matcher.v3.regex_pb2 import RegexMatchAndSubstitute, RegexMatcher

from gossamer.model.gateway_route import HttpGatewayRoute
from gossamer.model.rewrite import DefaultGatewayRouteRewrite, GatewayRouteHostnameRewrite

ROOT: Final = "/"
WHOLE_PATH: Final = "^/.*$"


def keeps_host(hostname: GatewayRouteHostnameRewrite | None) -> bool:
    """Whether the client's host stays; by default it becomes the virtual service's name."""
    return hostname is not None and hostname.default_target_hostname is DefaultGatewayRouteRewrite.DISABLED


def matched_prefixes(route: HttpGatewayRoute) -> tuple[str, ...]:
    """The prefixes that a gateway route is written for.

    Shape: `/a`, which becomes `/` by default, is two: `/a/` and `/a`, so that `/a/b` becomes `/b`, and not
           `//b`. What is rewritten to something else, or not at all, stays one.
    """
    prefix = route.match.prefix or ROOT
    if prefix.endswith("/") or _prefix_rewrite(route) != ROOT or _is_explicit(route):
        return (prefix,)
    return (f"{prefix}/", prefix)


def path_rewrite(route: HttpGatewayRoute) -> RouteAction:
    """Translate what becomes of the path.

    Absent: a matched prefix becomes `/`; a path that was matched whole stays. The query always stays.
    """
    rewrite = route.action.rewrite
    path = rewrite.path.exact if rewrite is not None and rewrite.path is not None else None
    if route.match.path is None and path is None:
        return RouteAction(prefix_rewrite=_prefix_rewrite(route))
    if path is None:
        return RouteAction()
    if route.match.path is not None and route.match.path.exact is not None:
        return RouteAction(prefix_rewrite=path)
    # In a substitution a backslash begins a reference to a group.
    whole = RegexMatchAndSubstitute(
        pattern=RegexMatcher(regex=WHOLE_PATH), substitution=path.replace("\\", "\\\\")
    )
    return RouteAction(regex_rewrite=whole)


def _prefix_rewrite(route: HttpGatewayRoute) -> str:
    """What the matched prefix becomes; nothing if it stays."""
    rewrite = route.action.rewrite
    prefix = rewrite.prefix if rewrite is not None else None
    if prefix is None:
        return ROOT
    if prefix.value is not None:
        return prefix.value
    return "" if prefix.default_prefix is DefaultGatewayRouteRewrite.DISABLED else ROOT


def _is_explicit(route: HttpGatewayRoute) -> bool:
    rewrite = route.action.rewrite
    return rewrite is not None and rewrite.prefix is not None and rewrite.prefix.value is not None
