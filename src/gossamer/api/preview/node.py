"""A virtual node, told in either version.

Reading drops what the preview API has no words for: protocols but http and tcp, timeouts, pools, outlier
detection, TLS, client policies, Cloud Map, logging. Writing keeps it, as long as what it belongs to stays: a
caller who writes what they read changes nothing.
Source: App Mesh API 2018-10-01 and 2019-01-25, `VirtualNodeSpec`.
"""

from collections.abc import Iterator
from typing import Final

from gossamer.api.preview import shape
from gossamer.api.preview.shape import SPOKEN
from gossamer.model.backend import Backend, VirtualServiceBackend
from gossamer.model.health_check import HealthCheckPolicy
from gossamer.model.listener import Listener
from gossamer.model.port_mapping import PortMapping
from gossamer.model.service_discovery import DnsServiceDiscovery, ServiceDiscovery
from gossamer.model.virtual_node import VirtualNodeSpec

NOTHING: Final = VirtualNodeSpec()


def shown(spec: VirtualNodeSpec) -> shape.VirtualNodeSpec:
    """What a caller of the preview API sees of a node."""
    found = spec.service_discovery
    dns = found.dns if found is not None else None
    listeners = tuple(_shown_listener(one) for one in spec.listeners or () if _is_shown(one))
    return shape.VirtualNodeSpec(
        listeners=listeners or None,
        service_discovery=None if dns is None else _shown_dns(dns),
        backends=tuple(_names(spec)),
    )


def written(asked: shape.VirtualNodeSpec, before: VirtualNodeSpec = NOTHING) -> VirtualNodeSpec:
    """The node that a caller of the preview API asks for, where `before` stood."""
    listeners = _listeners(asked, before)
    known = {
        one.virtual_service.virtual_service_name: one for one in before.backends or () if one.virtual_service
    }
    names = dict.fromkeys(asked.backends or ())
    return before.model_copy(
        update={
            "listeners": listeners or None,
            "service_discovery": _service_discovery(asked, before, is_reachable=bool(listeners)),
            "backends": tuple(known.get(name) or _backend(name) for name in names),
        }
    )


def _listeners(asked: shape.VirtualNodeSpec, before: VirtualNodeSpec) -> tuple[Listener, ...]:
    """Those asked for, each with what the caller could not say, and those that they could not see."""
    known = {one.port_mapping.port: one for one in before.listeners or ()}
    found = [_listener(one, known.get(one.port_mapping.port)) for one in asked.listeners or ()]
    ports = {one.port_mapping.port for one in found}
    for place, (port, one) in enumerate(known.items()):
        if port not in ports and not _is_shown(one):
            # Where it stood: what was only read and written again is the same.
            found.insert(place, one)
    return tuple(found)


def _listener(asked: shape.Listener, before: Listener | None) -> Listener:
    mapping = PortMapping(port=asked.port_mapping.port, protocol=asked.port_mapping.protocol)
    check = asked.health_check and HealthCheckPolicy(**dict(asked.health_check))
    if before is None or before.port_mapping != mapping:
        return Listener(port_mapping=mapping, health_check=check)
    if check is None and before.health_check is not None and before.health_check.protocol not in SPOKEN:
        check = before.health_check
    return before.model_copy(update={"health_check": check})


def _service_discovery(
    asked: shape.VirtualNodeSpec, before: VirtualNodeSpec, *, is_reachable: bool
) -> ServiceDiscovery | None:
    """Where endpoints are listed: Cloud Map, which callers cannot see, stays until they name another."""
    dns = asked.service_discovery.dns if asked.service_discovery is not None else None
    known = before.service_discovery
    if dns is not None:
        if known is not None and known.dns is not None:
            return ServiceDiscovery(dns=known.dns.model_copy(update={"hostname": dns.service_name}))
        return ServiceDiscovery(dns=DnsServiceDiscovery(hostname=dns.service_name))
    is_hidden = known is not None and known.aws_cloud_map is not None
    return known if is_hidden and is_reachable else None


def _is_shown(listener: Listener) -> bool:
    return listener.port_mapping.protocol in SPOKEN


def _shown_listener(listener: Listener) -> shape.Listener:
    check = listener.health_check
    return shape.Listener(
        port_mapping=shape.PortMapping(**dict(listener.port_mapping)),
        health_check=shape.HealthCheckPolicy(**dict(check)) if check and check.protocol in SPOKEN else None,
    )


def _shown_dns(dns: DnsServiceDiscovery) -> shape.ServiceDiscovery:
    return shape.ServiceDiscovery(dns=shape.DnsServiceDiscovery(service_name=dns.hostname))


def _names(spec: VirtualNodeSpec) -> Iterator[str]:
    for backend in spec.backends or ():
        if backend.virtual_service is not None:
            yield backend.virtual_service.virtual_service_name


def _backend(name: str) -> Backend:
    return Backend(virtual_service=VirtualServiceBackend(virtual_service_name=name))
