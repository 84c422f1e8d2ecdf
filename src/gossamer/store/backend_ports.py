"""What a node's backends may not share: one port for HTTP and for TCP.

A proxy finds out by the port what to do with a connection, so one port is either. The managed service took
such backends and sent its proxies something that could not work; as far as it can be told when the node is
written, we refuse it. What comes about later, because a router or a service changes, is told as a problem.
Source: App Mesh roadmap issue 175.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from gossamer.errors import Violation
from gossamer.model.kind import Kind
from gossamer.model.port_mapping import PortProtocol
from gossamer.model.spec import Spec
from gossamer.model.virtual_node import VirtualNodeSpec
from gossamer.model.virtual_router import VirtualRouterSpec
from gossamer.model.virtual_service import VirtualServiceSpec
from gossamer.store.neighbours import Neighbours

#: A port is shared by two at least.
PAIR: Final = 2


def backend_violations(near: Neighbours, spec: Spec, before: Spec | None) -> Iterator[Violation]:
    """Each backend of a node that needs a port for TCP which an earlier one needs for HTTP, or vice versa.

    A node that keeps the backends it has is not asked again.
    """
    if not isinstance(spec, VirtualNodeSpec) or len(spec.backends or ()) < PAIR:
        return
    if isinstance(before, VirtualNodeSpec) and before.backends == spec.backends:
        return
    names = [one.virtual_service.virtual_service_name for one in spec.backends or () if one.virtual_service]
    ports = _ports(near, names)
    claimed: dict[int, tuple[str, bool]] = {}
    for index, name in enumerate(names):
        for port, protocol in ports.get(name, {}).items():
            is_tcp = protocol is PortProtocol.TCP
            other, other_is_tcp = claimed.setdefault(port, (name, is_tcp))
            if is_tcp != other_is_tcp:
                spoken, others = ("TCP", "HTTP") if is_tcp else ("HTTP", "TCP")
                why = (
                    f"is {spoken} on port {port}, where {other} is {others}: one port cannot be both, "
                    "give one of them another"
                )
                yield Violation(f"spec.backends[{index}].virtualService.virtualServiceName", why)


def _ports(near: Neighbours, names: list[str]) -> Mapping[str, Mapping[int, PortProtocol]]:
    """The ports on which some services can be called, by the service; of what is not there, none."""
    services = near.named(Kind.VIRTUAL_SERVICE, names)
    if not services:
        return {}
    providers = {name: _provider(spec) for name, spec in services.items()}
    found = {
        kind: near.named(kind, (one[1] for one in providers.values() if one is not None and one[0] is kind))
        for kind in (Kind.VIRTUAL_ROUTER, Kind.VIRTUAL_NODE)
    }
    return {
        name: _protocols(found[provider[0]].get(provider[1]))
        for name, provider in providers.items()
        if provider is not None
    }


def _provider(service: Spec) -> tuple[Kind, str] | None:
    provider = service.provider if isinstance(service, VirtualServiceSpec) else None
    if provider is None:
        return None
    if provider.virtual_router is not None:
        return Kind.VIRTUAL_ROUTER, provider.virtual_router.virtual_router_name
    return (
        (Kind.VIRTUAL_NODE, provider.virtual_node.virtual_node_name)
        if provider.virtual_node is not None
        else None
    )


def _protocols(provider: Spec | None) -> Mapping[int, PortProtocol]:
    listeners = provider.listeners or () if isinstance(provider, VirtualRouterSpec | VirtualNodeSpec) else ()
    return {one.port_mapping.port: one.port_mapping.protocol for one in listeners}
