"""The way out of a virtual node: what its proxy does with what the application dials.

Source: compile.egress, compile.filter_chain for ports; compile.virtual_host for hosts.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from envoy.config.route.v3.route_components_pb2 import VirtualHost

from gossamer.compile import names
from gossamer.compile.egress import EgressPort, egress_ports
from gossamer.compile.filter_chain import HTTPS
from gossamer.compile.virtual_host import allow_all_virtual_host, egress_virtual_hosts
from gossamer.contract import EGRESS_PORT
from gossamer.explain.arrival import tell_targets
from gossamer.explain.exit import Exit, route_ref, tell_exit
from gossamer.explain.heard import heard_from
from gossamer.explain.patience import DEFAULT, length
from gossamer.explain.refusal import unknown_host, unknown_port
from gossamer.explain.request import Protocol, Request
from gossamer.explain.routing import chosen_host
from gossamer.explain.story import Setting, Stage, Story, Taken, Target
from gossamer.mesh.snapshot import Mesh
from gossamer.mesh.view import NodeView
from gossamer.model.kind import Kind
from gossamer.model.mesh import EgressFilterType
from gossamer.model.route import TcpRoute

_AWS: Final = ".amazonaws.com"
#: Envoy's own, where a TCP route says nothing.
_TCP_IDLE: Final = timedelta(hours=1)


def tell_node(story: Story, mesh: Mesh, view: NodeView, request: Request) -> None:
    """What becomes of a request that the application beside a node's proxy sends."""
    me = mesh.ref(Kind.VIRTUAL_NODE, view.node)
    port = next((one for one in egress_ports(view.services) if one.port == request.port), None)
    dialled = f"the application dials port {request.port}; its proxy takes it on {EGRESS_PORT}"
    if request.port == HTTPS and request.is_encrypted and request.host.lower().endswith(_AWS):
        story.matched(Stage.LISTENER, f"{dialled}: a name of AWS, sent straight on", me)
        _tell_passed(story, request, names.aws_cluster(view.mesh))
    elif port is None and view.egress is EgressFilterType.ALLOW_ALL:
        why = f"{dialled}: no backend is on it, and egress filter ALLOW_ALL lets everything out"
        story.matched(Stage.LISTENER, why, me)
        _tell_passed(story, request, names.allow_all_cluster(view.mesh))
    elif port is None:
        why = f"{unknown_port(mesh, view, request.host, request.port)}: the connection is closed"
        story.ends(Stage.LISTENER, why, me)
    elif port.tcp is not None:
        story.matched(Stage.LISTENER, f"{dialled}: TCP, whatever is sent there", me)
        _tell_tcp(story, mesh, view, port)
    elif request.protocol is Protocol.TCP or request.is_encrypted:
        said = "what is encrypted by the application itself" if request.is_encrypted else "plain TCP"
        story.ends(Stage.LISTENER, f"{dialled}: HTTP, where {said} cannot be read: the connection fails", me)
    else:
        story.matched(Stage.LISTENER, f"{dialled}: HTTP, routes {port.route_configuration}", me)
        _tell_http(story, Exit(mesh, view, port.route_configuration), view, port, request)


def _tell_http(story: Story, way: Exit, view: NodeView, port: EgressPort, request: Request) -> None:
    heard = heard_from(request, is_trusted=True)
    hosts = egress_virtual_hosts(view.mesh, port.services)
    if view.egress is EgressFilterType.ALLOW_ALL:
        hosts.append(allow_all_virtual_host(view.mesh))
    host = chosen_host(hosts, heard.authority)
    if host is None:
        why = unknown_host(way.mesh, view, heard.authority, request.port)
        story.ends(Stage.VIRTUAL_HOST, f"{why}: answered 404", status=404)
        return
    if host.name == names.ALLOW_ALL_VIRTUAL_HOST:
        why = unknown_host(way.mesh, view, heard.authority, request.port)
        story.take(Taken(way.routes, host.name, 0))
        story.matched(Stage.VIRTUAL_HOST, f"{why}; egress filter ALLOW_ALL lets it out")
        _tell_passed(story, request, names.allow_all_cluster(view.mesh))
        return
    # Of services with one name on one port the last counts, as where they are compiled.
    listed = {one.service: one for one in port.services}
    service = way.mesh.ref(Kind.VIRTUAL_SERVICE, host.name)
    story.matched(Stage.VIRTUAL_HOST, _host_said(heard.authority, host), service)
    tell_exit(story, way, host, [listed[host.name]], heard)


def _host_said(authority: str, host: VirtualHost) -> str:
    return f"host {authority} is this service's (it answers to {', '.join(host.domains)})"


def _tell_passed(story: Story, request: Request, cluster: str) -> None:
    """It goes on to where the application was going, under no route of the mesh."""
    to = f"{request.host}:{request.port}"
    story.matched(Stage.CLUSTER, f"cluster {cluster}: on to {to}, as the application resolved it")
    target = Target(None, 1, cluster, request.port)
    story.result = replace(story.result, targets=(target,), endpoints=(to,))


def _tell_tcp(story: Story, mesh: Mesh, view: NodeView, port: EgressPort) -> None:
    route = port.tcp
    assert route is not None  # noqa: S101 - asked before
    owner = next(one for one in port.services if route in one.routes)
    resource = route_ref(mesh, owner.service, route)
    service = mesh.ref(Kind.VIRTUAL_SERVICE, owner.service)
    story.matched(
        Stage.ROUTE, f"the first TCP route of {owner.service} that leads anywhere takes the port", resource
    )
    said = route.rule.timeout.idle if isinstance(route.rule, TcpRoute) and route.rule.timeout else None
    idle = said.as_timedelta if said is not None else _TCP_IDLE
    set_by = f"{resource} spec.tcpRoute.timeout.idle" if said is not None else DEFAULT
    story.matched(Stage.TIMEOUT, f"without a byte: {length(idle)}, set by {set_by}", resource)
    timeout = Setting({"idle": length(idle)}, set_by)
    story.result = replace(story.result, service=service, route=resource, timeout=timeout)
    tell_targets(story, view, service, [one for one in route.targets if one.weight > 0])
