"""Virtual services on one port -> the virtual hosts of an Envoy route configuration.

Source: public configuration dumps of App Mesh proxies, section routes; App Mesh user guide, virtual services.
"""

from collections.abc import Iterable, Iterator, Sequence

from envoy.config.route.v3.route_components_pb2 import Route, RouteAction, RouteMatch, VirtualHost

from gossamer.compile import names
from gossamer.compile.destination import cluster_names
from gossamer.compile.gateway_route import rewrites_host, service_port_mark
from gossamer.compile.memory import remembered, remembered_by_name
from gossamer.compile.resources import Host
from gossamer.compile.route import Mark, envoy_routes
from gossamer.compile.timeout import idle_timeout, request_timeout
from gossamer.contract import EGRESS_PORT
from gossamer.mesh.view import GatewayView, ServicePort
from gossamer.model.listener import Listener


def egress_virtual_hosts(mesh: str, services: Iterable[ServicePort]) -> list[Host]:
    """Translate the services that the application can call on one port.

    A host is the service's name, with and without the port. Envoy refuses a host that two of them claim,
    whatever its case, so the first keeps it.
    """
    listed = {service.service: service for service in services}
    claimed = _claimed((one.service, one.port) for one in listed.values())
    return [_egress_virtual_host(listed[name], mesh, tuple(domains)) for name, domains in claimed]


@remembered
def _egress_virtual_host(service: ServicePort, mesh: str, domains: Sequence[str]) -> Host:
    routes = envoy_routes(mesh, service.service, service.routes)
    needs = cluster_names(mesh, service.routes)
    return Host(VirtualHost(name=service.service, domains=domains, routes=routes), needs)


def gateway_virtual_hosts(view: GatewayView) -> list[Host]:
    """Translate the services behind a gateway: by their name, and by a header where the client's host stays.

    Shape:  the name with and without the port of the way out; `default_backend` last, if anything needs it.
    Source: public configuration dumps of App Mesh gateways.
    """
    routes = (*view.routes, *view.leaving)
    named = {route.service for route in routes if rewrites_host(route)}
    kept = kept_hosts(view)
    hosts = []
    for service, domains in _claimed((name, EGRESS_PORT) for name in sorted(named)):
        ports = view.ports.get(service, ())
        if len(ports) == 1:  # As for whoever else calls it.
            hosts.append(_egress_virtual_host(ports[0], view.mesh, tuple(domains)))
        else:
            host = VirtualHost(name=service, domains=domains, routes=_service_routes(view, service))
            hosts.append(Host(host, _clusters_behind(view, service)))
    if kept:
        all_kept = [
            one
            for service in kept
            for one in _service_routes(view, service, Mark(names.VIRTUAL_SERVICE_HEADER, service, stays=True))
        ]
        last = VirtualHost(name=names.DEFAULT_BACKEND_VIRTUAL_HOST, domains=["*"], routes=all_kept)
        hosts.append(Host(last, frozenset[str]().union(*(_clusters_behind(view, one) for one in kept))))
    return hosts


def _clusters_behind(view: GatewayView, service: str) -> frozenset[str]:
    ports = view.ports.get(service, ())
    return cluster_names(view.mesh, (route for port in ports for route in port.routes))


def kept_hosts(view: GatewayView) -> tuple[str, ...]:
    """The services behind a gateway that see the client's own host, in the order of their routes."""
    routes = (*view.routes, *view.leaving)
    return tuple(sorted({route.service for route in routes if not rewrites_host(route)}))


def _service_routes(view: GatewayView, service: str, *marks: Mark) -> list[Route]:
    """A service's routes, port by port; at the end those for requests from before there were several."""
    ports = view.ports.get(service, ())
    routes = [
        one
        for port in ports
        for one in envoy_routes(view.mesh, service, port.routes, [*marks, *service_port_mark(view, port)])
    ]
    if len(ports) <= 1:
        return routes
    # The newest of each port wins: what is leaving may have changed twice in these few seconds.
    leaving = [route.target for route in view.leaving if route.service == service and route.target]
    before = {port.port: port for port in reversed(leaving)}
    if len(before) == 1:
        routes += envoy_routes(view.mesh, service, before.popitem()[1].routes, marks)
    return routes


@remembered_by_name
def allow_all_virtual_host(mesh: str) -> Host:
    """Any other host: on to where the application was going."""
    return _anywhere(names.ALLOW_ALL_VIRTUAL_HOST, RouteAction(cluster=names.allow_all_cluster(mesh)))


def ingress_virtual_host(cluster: str, listener: Listener) -> Host:
    """Everything that comes in on a port: to the application, within the listener's timeouts.

    Source: App Mesh user guide, virtual nodes, timeouts; which of Envoy's settings carried the idle timeout
    is not known, the route's is our choice.
    """
    found = listener.timeout
    timeout = (found.http or found.http2 or found.grpc) if found is not None else None
    action = RouteAction(
        cluster=cluster, timeout=request_timeout(timeout), idle_timeout=idle_timeout(timeout)
    )
    return _anywhere(names.INGRESS_VIRTUAL_HOST, action)


def _anywhere(name: str, action: RouteAction) -> Host:
    """Every request for every host: to one cluster."""
    routes = [Route(match=RouteMatch(prefix="/"), route=action)]
    return Host(VirtualHost(name=name, domains=["*"], routes=routes), frozenset({action.cluster}))


def _claimed(services: Iterable[tuple[str, int]]) -> Iterator[tuple[str, list[str]]]:
    """The hosts of each service, its name with and without the port; one that others have taken has none."""
    taken: set[str] = set()
    for name, port in services:
        # Wildcards never shipped.
        domains = [one for one in (name, f"{name}:{port}") if one.lower() not in taken and "*" not in one]
        if domains:
            taken.update(one.lower() for one in domains)
            yield name, domains
