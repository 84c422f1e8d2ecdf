"""From a virtual host on the way out to targets: for nodes and gateways alike."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from envoy.config.route.v3.route_components_pb2 import RouteAction, VirtualHost

from gossamer.compile.route import in_order
from gossamer.explain.arrival import tell_targets
from gossamer.explain.heard import Heard
from gossamer.explain.member import members, rule_member
from gossamer.explain.patience import tell_patience
from gossamer.explain.refusal import told
from gossamer.explain.routing import Candidate, first_match
from gossamer.explain.story import Stage, Story, Taken
from gossamer.mesh.snapshot import Mesh
from gossamer.mesh.view import GatewayView, NodeView, ResolvedRoute, ServicePort
from gossamer.model.kind import Kind, Ref


@dataclass(frozen=True, slots=True)
class Exit:
    """A way out: the mesh, the proxy's view, and the name of the routes that it runs there."""

    mesh: Mesh
    view: NodeView | GatewayView
    routes: str


def tell_exit(story: Story, way: Exit, host: VirtualHost, ports: Iterable[ServicePort], heard: Heard) -> None:
    """Try the routes of a virtual host, compiled from these services, and tell what the one taken means."""
    known = [(port, route) for port in ports for route in in_order(port.routes)]
    candidates = [
        Candidate(
            index, route_ref(way.mesh, port.service, route), message, members(route.rule, port.protocol)
        )
        for index, ((port, route), message) in enumerate(zip(known, host.routes, strict=True))
    ]
    taken = first_match(candidates, heard, story)
    if taken is None:
        count = f"none of {len(candidates)} routes takes it" if candidates else "there is no route"
        story.ends(Stage.ROUTE, f"{count}: answered 404", status=404)
        return
    port, route = known[taken.index]
    story.take(Taken(way.routes, host.name, taken.index))
    tell_route(story, way, port, route)
    if not taken.message.HasField("route"):
        why = told(way.mesh, taken.resource) or "none of its targets can be reached"
        story.ends(Stage.CLUSTER, f"{why}: answered 503", taken.resource, status=503)
        return
    tell_onward(story, way, (port, route), taken.message.route, heard)


def tell_route(story: Story, way: Exit, port: ServicePort, route: ResolvedRoute) -> None:
    """The route that takes a request, and its service."""
    resource = route_ref(way.mesh, port.service, route)
    service = way.mesh.ref(Kind.VIRTUAL_SERVICE, port.service)
    story.result = replace(story.result, service=service, route=resource)
    story.matched(Stage.ROUTE, _why_taken(route), resource)


def tell_onward(
    story: Story, way: Exit, taken: tuple[ServicePort, ResolvedRoute], action: RouteAction, heard: Heard
) -> None:
    """How long a route that was taken waits, how often it tries, and where it leads."""
    port, route = taken
    where = (route_ref(way.mesh, port.service, route), f"spec.{rule_member(port.protocol)}")
    timeout, retry = tell_patience(story, (route, where), action, heard)
    story.result = replace(story.result, timeout=timeout, retry=retry)
    service = way.mesh.ref(Kind.VIRTUAL_SERVICE, port.service)
    tell_targets(story, way.view, service, route.targets)


def route_ref(mesh: Mesh, service: str, route: ResolvedRoute) -> Ref:
    """What a route was made from: a route of a router, or a service that a node provides itself."""
    spec = mesh.virtual_service(service)
    provider = spec.provider if spec is not None else None
    if provider is None or provider.virtual_router is None:
        return mesh.ref(Kind.VIRTUAL_SERVICE, service)
    return mesh.ref(Kind.ROUTE, route.name, provider.virtual_router.virtual_router_name)


def _why_taken(route: ResolvedRoute) -> str:
    if route.rule is None:
        return "a virtual node provides the service itself: every request is taken"
    priority = "no priority" if route.priority is None else f"priority {route.priority}"
    return f"every condition holds ({priority})"
