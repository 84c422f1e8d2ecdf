"""Where in an operator's words each condition of a compiled route stands.

Conditions are compiled in a steady order (compile.match, compile.gateway_match), which is repeated here by
name; a gateway's own marks come after them.
"""

from dataclasses import dataclass

from gossamer.model.gateway_match import GrpcGatewayRouteMatch, HttpGatewayRouteMatch
from gossamer.model.gateway_route import GrpcGatewayRoute, HttpGatewayRoute
from gossamer.model.match import GrpcRouteMatch, HttpRouteMatch
from gossamer.model.port_mapping import PortProtocol
from gossamer.model.route import GrpcRoute, HttpRoute, TcpRoute

Rule = HttpRoute | GrpcRoute | TcpRoute | HttpGatewayRoute | GrpcGatewayRoute
Match = HttpRouteMatch | GrpcRouteMatch | HttpGatewayRouteMatch | GrpcGatewayRouteMatch


@dataclass(frozen=True, slots=True)
class Members:
    """The member behind the path's condition, and behind each one on headers and query parameters."""

    path: str
    headers: tuple[str, ...]
    query: tuple[str, ...] = ()


def rule_member(protocol: PortProtocol) -> str:
    """The member of a route's spec that a listener of this protocol uses."""
    return f"{protocol.value}Route"


def members(rule: Rule | None, protocol: PortProtocol) -> Members:
    """The members behind the conditions of a rule; none where a node provides a service itself."""
    match = rule.match if rule is not None else None
    where = f"{rule_member(protocol)}.match"
    match match:
        case HttpRouteMatch() | HttpGatewayRouteMatch():
            headers = _counted(f"{where}.headers", match.headers)
            return Members(
                f"{where}.{_path(match)}",
                (*headers, *_others(where, match)),
                _counted(f"{where}.queryParameters", match.query_parameters),
            )
        case GrpcRouteMatch() | GrpcGatewayRouteMatch():
            metadata = _counted(f"{where}.metadata", match.metadata)
            return Members(f"{where}.{_call(match)}", (*metadata, *_others(where, match)))
        case _:
            return Members("", ())


def _path(match: HttpRouteMatch | HttpGatewayRouteMatch) -> str:
    if match.path is None:
        return "prefix"
    return "path.exact" if match.path.exact is not None else "path.regex"


def _call(match: GrpcRouteMatch | GrpcGatewayRouteMatch) -> str:
    named = isinstance(match, GrpcRouteMatch) and match.method_name is not None
    return "methodName" if named else "serviceName"


def _others(where: str, match: Match) -> tuple[str, ...]:
    """The conditions that are compiled to one on a pseudo-header, after those on headers."""
    names = ("method", "scheme", "hostname")
    return tuple(f"{where}.{name}" for name in names if getattr(match, name, None) is not None)


def _counted(where: str, listed: tuple[object, ...] | None) -> tuple[str, ...]:
    return tuple(f"{where}[{index}]" for index, _ in enumerate(listed or ()))
