"""A gateway route and the routes behind it, in one step -> envoy.config.route.v3.Route.

Each route of the service, as far as it is certain what the two steps would do, becomes an entry before the
gateway route's own. Whatever none of them takes goes the usual way, and gets its answer there.
Source: decision 069.
"""

from collections.abc import Iterator
from typing import Final

from envoy.config.route.v3.route_components_pb2 import Route, RouteMatch

from gossamer.compile import names
from gossamer.compile.action import has_target, route_action
from gossamer.compile.flat_path import Passage, Verdict, passages, through
from gossamer.compile.gateway_route import headers_for, path_action, rewrites_host
from gossamer.compile.metric_tag import metric_tags
from gossamer.compile.route import precedence, route_match
from gossamer.mesh.view import GatewayView, ResolvedGatewayRoute, ResolvedRoute
from gossamer.model.virtual_gateway import VirtualGatewayListener

#: What one step more may add or change; a route that looks at one of these is not put together.
_CHANGED: Final = frozenset(
    {
        *("host", "connection", "content-length", "expect", "keep-alive", "proxy-connection", "te"),
        *("transfer-encoding", "upgrade", names.VIRTUAL_SERVICE_HEADER, names.SERVICE_PORT_HEADER),
    }
)


def is_flat(view: GatewayView, listener: VirtualGatewayListener) -> bool:
    """Whether a listener's requests are to go straight on; limits on the way out need the way out."""
    return view.is_flat and listener.connection_pool is None


def flat_routes(
    view: GatewayView, route: ResolvedGatewayRoute, match: RouteMatch
) -> Iterator[tuple[ResolvedRoute, Route]]:
    """What goes straight on of what a gateway route takes by one of its matches, first match first.

    Each entry comes with the route that it is of.
    """
    if route.target is None or not _is_reached(view, route):
        return
    for passage in passages(match, path_action(route)):
        for behind in sorted(route.target.routes, key=precedence):
            inner = route_match(behind)
            found = through(passage, inner)
            if found is Verdict.NEVER:
                continue
            if not isinstance(found, Passage) or not _is_certain(behind, inner):
                break
            yield behind, _entry(view, route, behind, _joined(found, match, inner))


def _is_reached(view: GatewayView, route: ResolvedGatewayRoute) -> bool:
    """Whether the way out would find this very service by its name, or by the header that names it."""
    named = {one.service.lower() for one in (*view.routes, *view.leaving) if rewrites_host(one)}
    if not rewrites_host(route):
        # A client's own host could be the name of one of them.
        return not named
    same = {one.service for one in view.routes if one.service.lower() == route.service.lower()}
    return same == {route.service} and "*" not in route.service


def _is_certain(behind: ResolvedRoute, inner: RouteMatch) -> bool:
    """Whether a route answers the same without the step before it."""
    looks_at = {header.name.lower() for header in inner.headers}
    is_changed = any(
        name in _CHANGED or name.startswith("x-envoy-") or (name.startswith(":") and name != ":method")
        for name in looks_at
    )
    return has_target(behind.targets) and not is_changed


def _joined(passage: Passage, outer: RouteMatch, inner: RouteMatch) -> Passage:
    """The other conditions of both, beside the path's."""
    match = RouteMatch()
    match.CopyFrom(passage.match)
    del match.headers[:], match.query_parameters[:]
    match.headers.extend((*outer.headers, *inner.headers))
    match.query_parameters.extend((*outer.query_parameters, *inner.query_parameters))
    if outer.HasField("grpc") or inner.HasField("grpc"):
        match.grpc.SetInParent()
    else:
        match.ClearField("grpc")
    return Passage(match, passage.rewrite)


def _entry(view: GatewayView, route: ResolvedGatewayRoute, behind: ResolvedRoute, passage: Passage) -> Route:
    action = route_action(view.mesh, behind)
    action.MergeFrom(passage.rewrite)
    if rewrites_host(route):
        action.host_rewrite_literal = route.service
    return Route(
        match=passage.match,
        route=action,
        metadata=metric_tags(TargetVirtualService=route.service),
        request_headers_to_add=headers_for(route, ()),
        response_headers_to_remove=[] if rewrites_host(route) else [names.VIRTUAL_SERVICE_HEADER],
    )


def self_redirect_name(view: GatewayView, listener: VirtualGatewayListener) -> str:
    """The cluster from a listener to the gateway's own way out."""
    mapping = listener.port_mapping
    return names.self_redirect_cluster(
        view.mesh, view.gateway, mapping.protocol, mapping.port, listeners=len(view.spec.listeners)
    )
