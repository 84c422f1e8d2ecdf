"""What nobody refers to, and who refers to nobody."""

from collections.abc import Iterator

from gossamer.analysis.finding import Finding
from gossamer.analysis.rule import NO_BACKENDS, UNUSED
from gossamer.mesh.client_policy import backend_policies
from gossamer.mesh.route_problems import typed_rule
from gossamer.mesh.snapshot import Mesh
from gossamer.model.kind import Kind
from gossamer.model.mesh import EgressFilterType


def unused(mesh: Mesh) -> Iterator[Finding]:
    """Services that nobody calls, routers that no service has, nodes that no route or service leads to."""
    called, provided = set(_called(mesh)), set(_providers(mesh))
    led_to = provided | {(Kind.VIRTUAL_NODE, name) for name in _targets(mesh)}
    for name in mesh.names(Kind.VIRTUAL_SERVICE):
        if name not in called:
            why = "is no backend of any virtual node, and no gateway route leads to it"
            yield Finding(UNUSED, mesh.ref(Kind.VIRTUAL_SERVICE, name), why)
    for name in mesh.names(Kind.VIRTUAL_ROUTER):
        if (Kind.VIRTUAL_ROUTER, name) not in provided:
            yield Finding(UNUSED, mesh.ref(Kind.VIRTUAL_ROUTER, name), "is no virtual service's provider")
    for name in mesh.names(Kind.VIRTUAL_NODE):
        node = mesh.virtual_node(name)
        if node is not None and node.listeners and (Kind.VIRTUAL_NODE, name) not in led_to:
            why = "has listeners, but no route and no virtual service leads to it"
            yield Finding(UNUSED, mesh.ref(Kind.VIRTUAL_NODE, name), why)


def without_backends(mesh: Mesh) -> Iterator[Finding]:
    """Nodes that can call nobody."""
    settings = mesh.mesh_spec().egress_filter
    if settings is not None and settings.type is EgressFilterType.ALLOW_ALL:
        return
    for name in mesh.names(Kind.VIRTUAL_NODE):
        spec = mesh.virtual_node(name)
        if spec is not None and not spec.backends:
            why = "has no backends, and egress filter DROP_ALL lets nothing else out"
            yield Finding(NO_BACKENDS, mesh.ref(Kind.VIRTUAL_NODE, name), why)


def _called(mesh: Mesh) -> Iterator[str]:
    for name in mesh.names(Kind.VIRTUAL_NODE):
        spec = mesh.virtual_node(name)
        yield from backend_policies(spec) if spec is not None else ()
    for gateway in mesh.names(Kind.VIRTUAL_GATEWAY):
        for _, route in mesh.gateway_routes_of(gateway):
            rule = route.http_route or route.http2_route or route.grpc_route
            if rule is not None:
                yield rule.action.target.virtual_service.virtual_service_name


def _providers(mesh: Mesh) -> Iterator[tuple[Kind, str]]:
    """The routers and nodes that provide a service."""
    for name in mesh.names(Kind.VIRTUAL_SERVICE):
        spec = mesh.virtual_service(name)
        provider = spec.provider if spec is not None else None
        if provider is not None and provider.virtual_router is not None:
            yield Kind.VIRTUAL_ROUTER, provider.virtual_router.virtual_router_name
        elif provider is not None and provider.virtual_node is not None:
            yield Kind.VIRTUAL_NODE, provider.virtual_node.virtual_node_name


def _targets(mesh: Mesh) -> Iterator[str]:
    for router in mesh.names(Kind.VIRTUAL_ROUTER):
        for _, route in mesh.routes_of(router):
            yield from (one.virtual_node for one in typed_rule(route)[1].action.weighted_targets)
