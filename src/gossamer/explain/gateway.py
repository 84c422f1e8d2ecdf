"""The way through a virtual gateway: by a gateway route to the gateway's own way out, and there by a route.

What a gateway sends straight on is told in flat_gateway.

Source: compile.virtual_gateway, compile.gateway_route, compile.rewrite.
"""

from collections.abc import Iterator
from dataclasses import replace

from gossamer.compile import names
from gossamer.compile.flat_gateway import is_flat
from gossamer.compile.virtual_gateway import egress_route_configuration, ingress_entries
from gossamer.compile.virtual_host import gateway_virtual_hosts, kept_hosts
from gossamer.contract import EGRESS_PORT
from gossamer.explain.exit import Exit, tell_exit
from gossamer.explain.flat_gateway import straight_on, tell_straight
from gossamer.explain.heard import Heard, heard_again, heard_from
from gossamer.explain.member import members
from gossamer.explain.patience import longest_wait
from gossamer.explain.refusal import told
from gossamer.explain.request import Protocol, Request, is_authority
from gossamer.explain.rewriting import tell_rewrite
from gossamer.explain.routing import Candidate, chosen_host, first_match
from gossamer.explain.story import Outcome, Stage, Story, Taken
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
    entries = ingress_entries(view, listener)
    candidates = [
        Candidate(index, _ref(mesh, view, one.route), one.message, members(one.route.rule, mapping.protocol))
        for index, one in enumerate(entries)
        if one.behind is None
    ]
    taken = first_match(candidates, heard, story)
    if taken is None:
        count = f"none of {len({one.resource for one in candidates})} gateway routes takes it"
        why = count if candidates else "there is no gateway route"
        story.ends(Stage.ROUTE, f"{why}: answered 404", status=404)
        return
    route = entries[taken.index].route
    routes = names.ingress_route_configuration(mapping.protocol, mapping.port)
    story.result = replace(story.result, gateway_route=taken.resource)
    story.matched(
        Stage.ROUTE, f"every condition holds; goes to virtual service {route.service}", taken.resource
    )
    way_in = Exit(mesh, view, routes)
    straight = straight_on(way_in, entries, taken.index) if is_flat(view, listener) else None
    if straight is not None and tell_straight(story, way_in, straight, taken.resource, heard):
        return
    story.take(Taken(routes, names.SELF_REDIRECT_VIRTUAL_HOST, taken.index))
    if straight is not None:
        why = "no route behind it takes such a request in one step (--flat-gateways), so it takes both"
        story.tell(Stage.ROUTE, Outcome.SKIPPED, why, taken.resource)
    sent = _tell_sent(story, taken, heard)
    _tell_way_out(
        story,
        Exit(mesh, view, egress_route_configuration(view)),
        view,
        taken,
        heard_again(sent, Protocol(mapping.protocol.value)),
    )


def _tell_sent(story: Story, taken: Candidate, heard: Heard) -> Heard:
    """What the gateway changes, and the request as it sends it to its own way out."""
    action = taken.message.route
    changes = tell_rewrite(story, taken.message, taken.resource, heard)
    added = {one.header.key: one.header.value for one in taken.message.request_headers_to_add}
    onward = f"on to its own way out, 127.0.0.1:{EGRESS_PORT}, waiting up to {longest_wait(action)}"
    marks = "".join(f"; marked {name}: {value}" for name, value in added.items())
    story.matched(Stage.CLUSTER, f"cluster {action.cluster}: {onward}{marks}", taken.resource)
    return heard.changed((changes | added).items())


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
