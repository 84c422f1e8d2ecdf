"""The way through a virtual gateway: by a gateway route to the gateway's own way out, and there by a route.

A gateway that does both in one step (compile.flat_gateway) does the same, and is told in two.

Source: compile.virtual_gateway, compile.gateway_route, compile.rewrite.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from envoy.config.route.v3.route_components_pb2 import Route, RouteAction

from gossamer.compile import names
from gossamer.compile.flat_gateway import self_redirect_name
from gossamer.compile.gateway_route import gateway_routes
from gossamer.compile.virtual_gateway import egress_route_configuration
from gossamer.compile.virtual_host import gateway_virtual_hosts, kept_hosts
from gossamer.contract import EGRESS_PORT
from gossamer.explain.exit import Exit, tell_exit
from gossamer.explain.heard import Heard, heard_again, heard_from
from gossamer.explain.member import members
from gossamer.explain.path import normalized
from gossamer.explain.patience import longest_wait
from gossamer.explain.refusal import told
from gossamer.explain.request import Protocol, Request, is_authority
from gossamer.explain.routing import Candidate, chosen_host, first_match
from gossamer.explain.story import Stage, Story
from gossamer.mesh.client_tls import takes_tls
from gossamer.mesh.problem import listed
from gossamer.mesh.snapshot import Mesh
from gossamer.mesh.view import GatewayView, ResolvedGatewayRoute
from gossamer.model.kind import Kind, Ref
from gossamer.model.tls import ListenerTlsMode
from gossamer.model.virtual_gateway import VirtualGatewayListener


def tell_gateway(story: Story, mesh: Mesh, view: GatewayView, request: Request) -> None:
    """What becomes of a request that somebody sends to a gateway."""
    me = mesh.ref(Kind.VIRTUAL_GATEWAY, view.gateway)
    listener = _listener(view, request)
    if listener is None:
        ports = listed(one.port_mapping.port for one in view.spec.listeners)
        story.ends(Stage.LISTENER, f"the gateway does not listen on port {request.port}, only on {ports}", me)
        return
    closed = next(_closed(view, listener, request), None)
    if closed is not None:
        story.ends(Stage.LISTENER, f"{closed}: the connection is closed", me)
        return
    mapping = listener.port_mapping
    how = "TLS" if request.is_encrypted else "plain text"
    asks = listener.tls is not None and listener.tls.validation is not None and request.is_encrypted
    shown = "; the client must show a certificate that it trusts" if asks else ""
    story.matched(Stage.LISTENER, f"port {mapping.port} takes {mapping.protocol.value} in {how}{shown}", me)
    _tell_routes(story, mesh, view, listener, heard_from(request, is_trusted=False))


def _listener(view: GatewayView, request: Request) -> VirtualGatewayListener | None:
    """The listener of a port; a URL that names none means the only one, as behind a load balancer."""
    found = (one for one in view.spec.listeners if one.port_mapping.port == request.port)
    only = view.spec.listeners[0] if len(view.spec.listeners) == 1 and not request.names_port else None
    return next(found, only)


def _closed(view: GatewayView, listener: VirtualGatewayListener, request: Request) -> Iterator[str]:
    port, tls = listener.port_mapping.port, listener.tls
    if request.protocol is Protocol.TCP:
        yield f"port {port} takes HTTP, which gateways alone pass on"
    elif request.is_encrypted and not takes_tls(tls):
        yield f"port {port} takes plain text only"
    elif not request.is_encrypted and tls is not None and tls.mode is ListenerTlsMode.STRICT:
        yield f"port {port} takes TLS only (listeners tls.mode STRICT)"
    elif request.is_encrypted and tls is not None and tls.certificate.acm is not None:
        arn = tls.certificate.acm.certificate_arn
        if view.outside.lacks_certificate(arn):
            yield f"nobody knows certificate {arn}, which port {port} is to show"


def _tell_routes(
    story: Story, mesh: Mesh, view: GatewayView, listener: VirtualGatewayListener, heard: Heard
) -> None:
    mapping = listener.port_mapping
    mine = [one for one in view.routes if one.port == mapping.port]
    known = gateway_routes(view, mine, self_redirect_name(view, listener))
    candidates = [
        Candidate(_ref(mesh, view, route), message, members(route.rule, mapping.protocol))
        for route, message in known
    ]
    routes = names.ingress_route_configuration(mapping.protocol, mapping.port)
    taken = first_match(candidates, heard, story, (routes, names.SELF_REDIRECT_VIRTUAL_HOST))
    if taken is None:
        count = f"none of {len(known)} gateway routes takes it" if known else "there is no gateway route"
        story.ends(Stage.ROUTE, f"{count}: answered 404", status=404)
        return
    route, _ = known[candidates.index(taken)]
    story.result = replace(story.result, gateway_route=taken.resource)
    story.matched(
        Stage.ROUTE, f"every condition holds; goes to virtual service {route.service}", taken.resource
    )
    sent = _tell_rewrite(story, taken, heard)
    _tell_way_out(
        story,
        Exit(mesh, view, egress_route_configuration(view)),
        view,
        taken,
        heard_again(sent, Protocol(mapping.protocol.value)),
    )


def _tell_rewrite(story: Story, taken: Candidate, heard: Heard) -> Heard:
    """What the gateway changes, and the request as it sends it on."""
    action = taken.message.route
    # The way out tidies it once more.
    changes = {":path": normalized(rewritten(taken.message, heard.target))}
    if action.host_rewrite_literal:
        changes[":authority"] = action.host_rewrite_literal
    told_of = [
        ("path", heard.target, changes[":path"]),
        ("host", heard.authority, changes.get(":authority", heard.authority)),
    ]
    changed = {name: new for name, old, new in told_of if new != old}
    said = "; ".join(f"{name} {old} becomes {new}" for name, old, new in told_of if new != old)
    story.matched(Stage.REWRITE, said or "path and host stay as they are", taken.resource)
    story.result = replace(story.result, rewrite=changed)
    added = {one.header.key: one.header.value for one in taken.message.request_headers_to_add}
    onward = f"on to its own way out, 127.0.0.1:{EGRESS_PORT}, waiting up to {longest_wait(action)}"
    marks = "".join(f"; marked {name}: {value}" for name, value in added.items())
    story.matched(Stage.CLUSTER, f"cluster {action.cluster}: {onward}{marks}", taken.resource)
    return heard.changed((changes | added).items())


def rewritten(entry: Route, target: str) -> str:
    """A path with its query after a route changed it.

    Source: Envoy, `RouteAction.prefix_rewrite`, `regex_rewrite`.
    """
    action: RouteAction = entry.route
    path, mark, query = target.partition("?")
    if action.prefix_rewrite:
        matched = entry.match.prefix or entry.match.path
        return action.prefix_rewrite + target[len(matched) :]
    if action.HasField("regex_rewrite"):
        new = re.sub(r"\\(.)", r"\1", action.regex_rewrite.substitution)
        return new + mark + query
    return path + mark + query


def _tell_way_out(story: Story, way: Exit, view: GatewayView, taken: Candidate, heard: Heard) -> None:
    if not is_authority(heard.authority):
        # As seen in Envoy 1.40: a bad request over HTTP/1.1, a stream that is reset over HTTP/2.
        status = 400 if heard.protocol is Protocol.HTTP else 503
        why = f"HTTP carries no host {heard.authority}: answered {status}"
        story.ends(Stage.VIRTUAL_HOST, why, taken.resource, status=status)
        return
    host = chosen_host(gateway_virtual_hosts(view), heard.authority)
    if host is None:
        why = told(way.mesh, taken.resource) or f"no virtual host has the name {heard.authority}"
        story.ends(Stage.VIRTUAL_HOST, f"{why}: answered 404", taken.resource, status=404)
        return
    kept = host.name == names.DEFAULT_BACKEND_VIRTUAL_HOST
    services = kept_hosts(view) if kept else (host.name,)
    ports = [one for service in services for one in view.exits() if one.service == service]
    if not ports and (why := told(way.mesh, taken.resource)):
        story.ends(Stage.VIRTUAL_HOST, f"{why}: answered 404", taken.resource, status=404)
        return
    said = (
        "the client's host stays, so the mark says which service it is for"
        if kept
        else f"host {heard.authority}"
    )
    story.matched(Stage.VIRTUAL_HOST, f"{said}: virtual host {host.name}, routes {way.routes}")
    tell_exit(story, way, host, ports, heard)


def _ref(mesh: Mesh, view: GatewayView, route: ResolvedGatewayRoute) -> Ref:
    return mesh.ref(Kind.GATEWAY_ROUTE, route.name, view.gateway)
