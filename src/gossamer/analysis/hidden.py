"""Routes that never take a request, because earlier ones take every request that they would.

What is compared is what is compiled, in the order in which it is tried. Only what is certain counts: an
expression hides a route whose path is exact and matches it, or that has the same expression.
Source: compile.route for the order; Envoy `RouteMatch`.
"""

from collections.abc import Iterator, Sequence

from envoy.config.route.v3.route_components_pb2 import QueryParameterMatcher, RouteMatch

from gossamer.analysis.finding import Finding
from gossamer.analysis.rule import HIDDEN_ROUTE
from gossamer.analysis.together import satisfied, taken_together
from gossamer.compile.gateway_route import gateway_routes
from gossamer.compile.route import in_order, route_match
from gossamer.explain.condition import matches_whole
from gossamer.mesh.problem import listed
from gossamer.mesh.resolve import proxy_view, router_ports
from gossamer.mesh.snapshot import Mesh
from gossamer.mesh.view import GatewayView
from gossamer.model.kind import Kind, Ref
from gossamer.model.port_mapping import PortProtocol

#: A route with what it is compiled to match; a gateway route may be several.
Entry = tuple[Ref, RouteMatch]


def hidden_routes(mesh: Mesh) -> Iterator[Finding]:
    """Every route of a router or a gateway of which no entry is ever reached, on none of its ports."""
    for router in mesh.names(Kind.VIRTUAL_ROUTER):
        ports = [one for one in router_ports(mesh, router) if one.protocol is not PortProtocol.TCP]
        listed = [
            [(mesh.ref(Kind.ROUTE, one.name, router), route_match(one)) for one in in_order(port.routes)]
            for port in ports
        ]
        yield from _hidden(listed)
    for gateway in mesh.names(Kind.VIRTUAL_GATEWAY):
        view = proxy_view(mesh, mesh.ref(Kind.VIRTUAL_GATEWAY, gateway))
        if isinstance(view, GatewayView):
            yield from _hidden([_entries(mesh, view, port) for port in {one.port for one in view.routes}])


def _entries(mesh: Mesh, view: GatewayView, port: int) -> list[Entry]:
    mine = [one for one in view.routes if one.port == port]
    known = gateway_routes(view, mine, "")
    return [(mesh.ref(Kind.GATEWAY_ROUTE, one.name, view.gateway), message.match) for one, message in known]


def _hidden(listeners: Sequence[Sequence[Entry]]) -> Iterator[Finding]:
    """Of all that any listener uses, what has earlier ones for every one of its entries."""
    hiders: dict[Ref, list[tuple[Ref, ...]]] = {}
    for entries in listeners:
        for index, (ref, match) in enumerate(entries):
            earlier = [(other, wide) for other, wide in entries[:index] if other != ref]
            hiders.setdefault(ref, []).append(hidden_by(earlier, match))
    for ref in sorted(hiders, key=str):
        if all(hiders[ref]):
            by = dict.fromkeys(one for each in hiders[ref] for one in each)
            together = " together" if len(by) > 1 else ""
            why = f"every request that it would take is taken by {listed(by)}{together}"
            yield Finding(HIDDEN_ROUTE, ref, why)


def hidden_by(earlier: Sequence[Entry], match: RouteMatch) -> tuple[Ref, ...]:
    """Who surely takes, alone or together with others, every request that a match would take; nobody else."""
    wide = [(ref, one) for ref, one in earlier if _covers_all_but_headers(one, match)]
    return taken_together(wide, match.headers) or ()


def covers(wide: RouteMatch, narrow: RouteMatch) -> bool:
    """Whether a match surely takes every request that another takes."""
    return _covers_all_but_headers(wide, narrow) and all(
        satisfied(narrow.headers, one) for one in wide.headers
    )


def _covers_all_but_headers(wide: RouteMatch, narrow: RouteMatch) -> bool:
    return (
        _covers_path(wide, narrow)
        and (narrow.HasField("grpc") or not wide.HasField("grpc"))
        and all(
            any(_implies_query(have, one) for have in narrow.query_parameters)
            for one in wide.query_parameters
        )
    )


def _covers_path(wide: RouteMatch, narrow: RouteMatch) -> bool:
    path = narrow.WhichOneof("path_specifier")
    match wide.WhichOneof("path_specifier"):
        case "prefix":
            if path == "safe_regex":
                return wide.prefix == "/"
            return (narrow.path or narrow.prefix).startswith(wide.prefix)
        case "path":
            return path == "path" and narrow.path == wide.path
        case _:
            regex = wide.safe_regex.regex
            same = path == "safe_regex" and narrow.safe_regex.regex == regex
            return same or regex == ".*" or (path == "path" and matches_whole(regex, narrow.path))


def _implies_query(have: QueryParameterMatcher, asked: QueryParameterMatcher) -> bool:
    return have.name == asked.name and (have == asked or asked.HasField("present_match"))
