"""A route, told in either version.

Reading drops what the preview API has no words for: priorities, every match but the prefix, timeouts,
retries, ports. Writing keeps it. A route that is no HTTP route shows nothing, and cannot be written.
Source: App Mesh API 2018-10-01 and 2019-01-25, `RouteSpec`.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from gossamer.api.preview import shape
from gossamer.errors import InvalidSpec, Violation
from gossamer.model.action import HttpRouteAction, WeightedTarget
from gossamer.model.match import HttpRouteMatch
from gossamer.model.route import HttpRoute, RouteSpec
from gossamer.model.virtual_node import VirtualNodeSpec

Nodes = Mapping[str, VirtualNodeSpec]


def shown(spec: RouteSpec) -> shape.RouteSpec | None:
    """What a caller of the preview API sees of a route; nothing if it is not one of HTTP."""
    if spec.http_route is None:
        return None
    action = shape.HttpRouteAction(
        weighted_targets=tuple(
            shape.WeightedTarget(virtual_node=one.virtual_node, weight=one.weight) for one in targets(spec)
        )
    )
    match = shape.HttpRouteMatch(prefix=spec.http_route.match.prefix)
    return shape.RouteSpec(http_route=shape.HttpRoute(match=match, action=action))


def written(asked: shape.RouteSpec, before: RouteSpec | None = None) -> RouteSpec:
    """The route that a caller of the preview API asks for, where `before` stood.

    Raises: InvalidSpec if that is no HTTP route.
    """
    if before is None:
        action = HttpRouteAction(weighted_targets=tuple(_targets(asked, {})))
        match = HttpRouteMatch(prefix=asked.http_route.match.prefix)
        return RouteSpec(http_route=HttpRoute(match=match, action=action))
    if before.http_route is None:
        why = "the route is not one of HTTP/1.1; API 2018-10-01 has no words for it, API 2019-01-25 has"
        raise InvalidSpec([Violation("spec.httpRoute", why)])
    known = before.http_route
    ports = defaultdict[str, list[int | None]](list)
    for target in known.action.weighted_targets:
        ports[target.virtual_node].append(target.port)
    action = HttpRouteAction(weighted_targets=tuple(_targets(asked, ports)))
    rule = known.model_copy(update={"match": _match(asked, known.match), "action": action})
    return before.model_copy(update={"http_route": rule})


def at_port(spec: RouteSpec, port: int | None) -> RouteSpec:
    """The route on one listener of its router."""
    if spec.http_route is None:
        return spec
    match = spec.http_route.match.model_copy(update={"port": port})
    return spec.model_copy(update={"http_route": spec.http_route.model_copy(update={"match": match})})


def targets(spec: RouteSpec) -> tuple[WeightedTarget, ...]:
    """Where an HTTP route leads."""
    return spec.http_route.action.weighted_targets if spec.http_route is not None else ()


def addressed(spec: RouteSpec, nodes: Nodes) -> RouteSpec:
    """The route, with the first listener for each target that has several; callers cannot name one."""
    if spec.http_route is None:
        return spec
    action = HttpRouteAction(weighted_targets=tuple(_addressed(one, nodes) for one in targets(spec)))
    return spec.model_copy(update={"http_route": spec.http_route.model_copy(update={"action": action})})


def _addressed(target: WeightedTarget, nodes: Nodes) -> WeightedTarget:
    node = nodes.get(target.virtual_node)
    listeners = (node.listeners or ()) if node is not None else ()
    if target.port is not None or len(listeners) < 2:  # noqa: PLR2004 - several
        return target
    return target.model_copy(update={"port": listeners[0].port_mapping.port})


def _match(asked: shape.RouteSpec, before: HttpRouteMatch) -> HttpRouteMatch:
    """The condition; a prefix takes the place of a path, which callers cannot see."""
    prefix = asked.http_route.match.prefix
    path = before.path if prefix is None else None
    return before.model_copy(update={"prefix": prefix, "path": path})


def _targets(asked: shape.RouteSpec, ports: Mapping[str, Sequence[int | None]]) -> Iterator[WeightedTarget]:
    """The targets, each at the port that it had, if it is still there."""
    left = {node: list(found) for node, found in ports.items()}
    for one in asked.http_route.action.weighted_targets:
        waiting = left.get(one.virtual_node)
        port = waiting.pop(0) if waiting else None
        yield WeightedTarget(virtual_node=one.virtual_node, weight=one.weight, port=port)
