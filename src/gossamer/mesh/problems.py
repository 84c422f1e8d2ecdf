"""What an operator wrote that cannot work, in plain words. Data, never raised: others may yet complete it.

Source: App Mesh user guide, troubleshooting; App Mesh roadmap issues 71, 175, 195 and 362.
"""

from collections.abc import Iterator

from gossamer.mesh.client_policy import backend_policies
from gossamer.mesh.gateway_problems import gateway_problems
from gossamer.mesh.outside_problems import outside_problems
from gossamer.mesh.problem import Problem, Trouble, missing
from gossamer.mesh.resolve import node_view
from gossamer.mesh.route_problems import route_problems
from gossamer.mesh.snapshot import Mesh
from gossamer.mesh.surroundings import NOWHERE, Surroundings
from gossamer.mesh.view import ServicePort
from gossamer.model.kind import Kind
from gossamer.model.port_mapping import PortProtocol


def problems(mesh: Mesh, surroundings: Surroundings = NOWHERE) -> tuple[Problem, ...]:
    """Everything in a mesh that cannot work, in the order of kind and name."""
    found = (
        *_nodes(mesh),
        *_services(mesh),
        *route_problems(mesh),
        *gateway_problems(mesh),
        *outside_problems(mesh, surroundings),
    )
    return tuple(dict.fromkeys(found))


def _nodes(mesh: Mesh) -> Iterator[Problem]:
    for name in mesh.names(Kind.VIRTUAL_NODE):
        spec = mesh.virtual_node(name)
        ref = mesh.ref(Kind.VIRTUAL_NODE, name)
        for service in backend_policies(spec) if spec is not None else ():
            if mesh.virtual_service(service) is None:
                yield Problem(
                    ref, f"backend {missing(mesh, Kind.VIRTUAL_SERVICE, service)}", Trouble.DANGLING
                )
        view = node_view(mesh, name)
        for clash in _clashes(view.services if view is not None else ()):
            yield Problem(ref, clash, Trouble.PORT_CLASH)


def _clashes(services: tuple[ServicePort, ...]) -> Iterator[str]:
    """Ports that backends cannot share. Who wins is said where they are compiled, `compile.egress`."""
    for port in sorted({service.port for service in services}):
        sharing = [service for service in services if service.port == port]
        tcp = [service.service for service in sharing if service.protocol is PortProtocol.TCP]
        http = [service.service for service in sharing if service.protocol is not PortProtocol.TCP]
        if tcp and http:
            both = f"TCP for {', '.join(tcp)} and HTTP for {', '.join(http)}"
            yield f"port {port} is {both}: only HTTP is served"
        elif len(tcp) > 1:
            names = ", ".join(tcp)
            yield f"port {port} is TCP for {names}: only {min(tcp)} is served, give each its own port"
        yield from _same_hosts(port, http)


def _same_hosts(port: int, services: list[str]) -> Iterator[str]:
    """Services of one port that differ by case alone: hosts do not."""
    first: dict[str, str] = {}
    for name in services:
        other = first.setdefault(name.lower(), name)
        if other != name:
            yield f"port {port}: {name} and {other} are one host, only {other} is served"


def _services(mesh: Mesh) -> Iterator[Problem]:
    for name in mesh.names(Kind.VIRTUAL_SERVICE):
        spec = mesh.virtual_service(name)
        provider = spec.provider if spec is not None else None
        ref = mesh.ref(Kind.VIRTUAL_SERVICE, name)
        if provider is None:
            yield Problem(ref, "has no provider, so nothing answers for it", Trouble.NO_ANSWER)
        elif (
            provider.virtual_node is not None
            and mesh.virtual_node(provider.virtual_node.virtual_node_name) is None
        ):
            found = provider.virtual_node.virtual_node_name
            yield Problem(ref, f"provider {missing(mesh, Kind.VIRTUAL_NODE, found)}", Trouble.DANGLING)
        elif provider.virtual_router is not None:
            found = provider.virtual_router.virtual_router_name
            if mesh.virtual_router(found) is None:
                yield Problem(ref, f"provider {missing(mesh, Kind.VIRTUAL_ROUTER, found)}", Trouble.DANGLING)
