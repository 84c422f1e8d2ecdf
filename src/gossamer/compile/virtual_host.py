"""Virtual services on one port -> the virtual hosts of an Envoy route configuration.

Source: public configuration dumps of App Mesh proxies, section routes; App Mesh user guide, virtual services.
"""

from collections.abc import Iterable

from envoy.config.route.v3.route_components_pb2 import Route, RouteAction, RouteMatch, VirtualHost

from gossamer.compile import names
from gossamer.compile.route import envoy_routes
from gossamer.compile.timeout import idle_timeout, request_timeout
from gossamer.mesh.view import ServicePort
from gossamer.model.listener import Listener


def egress_virtual_hosts(mesh: str, services: Iterable[ServicePort]) -> list[VirtualHost]:
    """Translate the services that the application can call on one port.

    A host is the service's name, with and without the port. Envoy refuses a host that two of them claim,
    whatever its case, so the first keeps it.
    """
    taken: set[str] = set()
    hosts = []
    for service in services:
        domains = [
            one for one in (service.service, f"{service.service}:{service.port}") if _is_free(one, taken)
        ]
        if domains:
            taken.update(one.lower() for one in domains)
            routes = envoy_routes(mesh, service.service, service.routes)
            hosts.append(VirtualHost(name=service.service, domains=domains, routes=routes))
    return hosts


def allow_all_virtual_host(mesh: str) -> VirtualHost:
    """Any other host: on to where the application was going."""
    onward = RouteAction(cluster=names.allow_all_cluster(mesh))
    return VirtualHost(
        name=names.ALLOW_ALL_VIRTUAL_HOST,
        domains=["*"],
        routes=[Route(match=RouteMatch(prefix="/"), route=onward)],
    )


def ingress_virtual_host(cluster: str, listener: Listener) -> VirtualHost:
    """Everything that comes in on a port: to the application, within the listener's timeouts.

    Source: App Mesh user guide, virtual nodes, timeouts; which of Envoy's settings carried the idle timeout
    is not known, the route's is our choice.
    """
    found = listener.timeout
    timeout = (found.http or found.http2 or found.grpc) if found is not None else None
    action = RouteAction(
        cluster=cluster, timeout=request_timeout(timeout), idle_timeout=idle_timeout(timeout)
    )
    return VirtualHost(
        name=names.INGRESS_VIRTUAL_HOST,
        domains=["*"],
        routes=[Route(match=RouteMatch(prefix="/"), route=action)],
    )


def _is_free(domain: str, taken: set[str]) -> bool:
    """Whether a host can be claimed: nobody has, and it is a plain name (wildcards never shipped)."""
    return domain.lower() not in taken and "*" not in domain
