"""Which client policy holds for which backend, and what happens where two of them meet at one listener.

Source: App Mesh API `Backend`, `BackendDefaults`: a backend's own policy replaces the default as a whole.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from gossamer.mesh.client_tls import ClientTls
from gossamer.mesh.view import Destination, ResolvedRoute, ServicePort, WeightedDestination
from gossamer.model.backend import BackendDefaults
from gossamer.model.tls import ClientPolicy, ClientPolicyTls
from gossamer.model.virtual_gateway import VirtualGatewayBackendDefaults
from gossamer.model.virtual_node import VirtualNodeSpec

#: One listener of a node: its name and port.
Place = tuple[str, int]


def backend_policies(spec: VirtualNodeSpec) -> Mapping[str, ClientPolicyTls | None]:
    """The virtual services that a node calls, each with the TLS policy that holds for it.

    Shape: a service that is listed twice counts once, as it is listed first.
    """
    default = default_policy(spec.backend_defaults)
    found: dict[str, ClientPolicyTls | None] = {}
    for backend in spec.backends or ():
        if backend.virtual_service is not None:
            own = backend.virtual_service.client_policy
            policy = _tls(own) if own is not None else default
            found.setdefault(backend.virtual_service.virtual_service_name, policy)
    return found


def default_policy(
    defaults: BackendDefaults | VirtualGatewayBackendDefaults | None,
) -> ClientPolicyTls | None:
    """The TLS policy of backends without a policy of their own."""
    return _tls(defaults.client_policy if defaults is not None else None)


def set_apart(services: Iterable[ServicePort]) -> tuple[ServicePort, ...]:
    """Keep services apart that lead to one listener under different policies: each gets a cluster of its own.

    The strictest keeps the cluster's plain name: requests that are still on their way to it while policies
    change are never sent in a less safe way than they ought to be.
    """
    listed = tuple(services)
    ways = _ways(listed)
    if all(len(found) == 1 for found in ways.values()):
        return listed
    names = {
        (place, tls): "" if tls == _strictest(found) else service
        for place, found in ways.items()
        for tls, service in found.items()
    }
    return tuple(
        replace(service, routes=tuple(_named(one, names) for one in service.routes)) for service in listed
    )


def _ways(services: Sequence[ServicePort]) -> dict[Place, dict[ClientTls | None, str]]:
    """The ways in which each listener is spoken to, with the first service by name that does so."""
    ways: dict[Place, dict[ClientTls | None, str]] = {}
    for service in sorted(services, key=lambda one: (one.service, one.port)):
        for route in service.routes:
            for target in route.targets:
                found = ways.setdefault(_place(target.destination), {})
                found.setdefault(target.destination.tls, service.service)
    return ways


def _strictest(ways: Mapping[ClientTls | None, str]) -> ClientTls | None:
    return min(ways, key=lambda tls: (tls is None, tls is not None and tls.trust is None, ways[tls]))


def _named(route: ResolvedRoute, names: Mapping[tuple[Place, ClientTls | None], str]) -> ResolvedRoute:
    targets = tuple(
        WeightedDestination(replace(place, apart=names[_place(place), place.tls]), target.weight)
        for target in route.targets
        for place in (target.destination,)
    )
    return replace(route, targets=targets)


def _place(destination: Destination) -> Place:
    return destination.node, destination.listener.port_mapping.port


def _tls(policy: ClientPolicy | None) -> ClientPolicyTls | None:
    return policy.tls if policy is not None else None
