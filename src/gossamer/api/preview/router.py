"""A virtual router's listeners, which the preview API does not have: they follow from the routes' targets.

A route is reached at the port on which its targets listen: the first target that has a listener decides, and
the others are reached at ports of their own. A router with routes at one port has that listener, and its
routes name no port; with several, each route names its own.
Source: App Mesh API 2018-10-01, `VirtualRouterSpec`; App Mesh examples issue 93.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gossamer.api.preview.route import Nodes, at_port, targets
from gossamer.model.kind import Kind, Ref
from gossamer.model.port_mapping import PortMapping, PortProtocol
from gossamer.model.route import RouteSpec
from gossamer.model.virtual_node import VirtualNodeSpec
from gossamer.model.virtual_router import VirtualRouterListener, VirtualRouterSpec
from gossamer.store.store import Look

Routes = Mapping[str, RouteSpec]


@dataclass(frozen=True, slots=True)
class Layout:
    """The ports that a router listens on, and the one that each route names, if it has to."""

    ports: tuple[int, ...]
    routes: Mapping[str, int | None]

    def explicit(self, route: str) -> int | None:
        """The port that a route is reached at, also where it need not be named."""
        return self.routes.get(route) or (self.ports[0] if self.ports else None)


def layout(routes: Routes, nodes: Nodes) -> Layout:
    """What the targets of a router's routes ask of it."""
    found = {name: next(_ports(route, nodes), None) for name, route in routes.items()}
    ports = tuple(sorted({port for port in found.values() if port is not None}))
    if len(ports) > 1:
        return Layout(ports, {name: port or ports[0] for name, port in found.items()})
    return Layout(ports, dict.fromkeys(routes))


def follows(router: VirtualRouterSpec, routes: Routes, wanted: Layout) -> bool:
    """Whether a router is as its targets ask; it then goes on so. One with other listeners keeps them."""
    return router == listening(wanted.ports) and all(
        route.http_route is not None and route == at_port(route, wanted.routes[name])
        for name, route in routes.items()
    )


def listening(ports: tuple[int, ...]) -> VirtualRouterSpec:
    """A router on some ports; the preview API knows no route but of HTTP."""
    mappings = (PortMapping(port=port, protocol=PortProtocol.HTTP) for port in ports)
    return VirtualRouterSpec(
        listeners=tuple(VirtualRouterListener(port_mapping=one) for one in mappings) or None
    )


def targets_of(look: Look, routes: Routes, ref: Ref) -> Nodes:
    """The virtual nodes that routes name, those that are there."""
    names = {target.virtual_node for route in routes.values() for target in targets(route)}
    found = {name: look.get(Ref(ref.account, ref.mesh, Kind.VIRTUAL_NODE, name)) for name in sorted(names)}
    return {
        name: node.spec
        for name, node in found.items()
        if node is not None and isinstance(node.spec, VirtualNodeSpec)
    }


def _ports(route: RouteSpec, nodes: Nodes) -> Iterator[int]:
    for target in targets(route):
        node = nodes.get(target.virtual_node)
        for listener in (node.listeners or ()) if node is not None else ():
            if target.port in (None, listener.port_mapping.port):
                yield listener.port_mapping.port
