"""Where a matched request arrives: targets by weight, their endpoints, and the callee's own proxy."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from gossamer.compile.cluster import egress_cluster_name
from gossamer.contract import INGRESS_PORT
from gossamer.explain.patience import ingress_patience, length
from gossamer.explain.protection import handshake_problems, protection
from gossamer.explain.story import Outcome, Stage, Story, Target
from gossamer.mesh.client_tls import discovery_name, takes_tls
from gossamer.mesh.view import Destination, GatewayView, NodeView, WeightedDestination
from gossamer.model.kind import Kind, Ref
from gossamer.model.port_mapping import PortProtocol
from gossamer.model.service_discovery import DnsResponseType


def tell_targets(
    story: Story, view: NodeView | GatewayView, service: Ref, targets: Sequence[WeightedDestination]
) -> None:
    """Each target with its share, and what awaits requests there; a failure of all is the request's."""
    total = sum(one.weight for one in targets)
    for one in targets:
        node = _node(service, one.destination)
        target = _target(view.mesh, node, one)
        where = f"port {target.port}, cluster {target.cluster}"
        if one.weight == 0:
            story.tell(Stage.CLUSTER, Outcome.SKIPPED, f"weight 0: takes nothing ({where})", node)
        else:
            share = f"weight {one.weight} of {total}, {100 * one.weight / total:.4g} %"
            story.matched(Stage.CLUSTER, f"{share}: {where}", node)
        story.result = replace(story.result, targets=(*story.result.targets, target))
    taking = [one.destination for one in targets if one.weight > 0]
    failed = [_tell_place(story, view, service, place) for place in taking]
    if all(failed):
        is_tcp = all(place.listener.port_mapping.protocol is PortProtocol.TCP for place in taking)
        story.result = replace(story.result, status=None if is_tcp else 503, is_closed=is_tcp)


def _target(mesh: str, node: Ref, one: WeightedDestination) -> Target:
    port = one.destination.listener.port_mapping.port
    return Target(node, one.weight, egress_cluster_name(mesh, one.destination), port)


def _node(service: Ref, place: Destination) -> Ref:
    return Ref(service.account, service.mesh, Kind.VIRTUAL_NODE, place.node)


def _tell_place(story: Story, view: NodeView | GatewayView, service: Ref, place: Destination) -> bool:
    """TLS, endpoints and the way in of one destination; whether requests to it surely fail."""
    node = _node(service, place)
    found = protection(view, service.name, place)
    story.matched(Stage.TLS, f"{'TLS' if found.used else 'plain text'}: {found.why}", node)
    endpoints = _endpoints(place)
    result = story.result
    story.result = replace(result, tls=result.tls or found, endpoints=(*result.endpoints, *endpoints))
    problems = [*_nowhere(place), *handshake_problems(place)]
    if endpoints or not problems:
        story.matched(Stage.ENDPOINT, _found(place, endpoints), node)
    for why in problems:
        stage = Stage.TLS if place.tls is not None and why in handshake_problems(place) else Stage.ENDPOINT
        story.tell(stage, Outcome.NONE, f"{why}: answered 503", node)
    if not problems:
        _tell_ingress(story, node, place)
    return bool(problems)


def _nowhere(place: Destination) -> Iterator[str]:
    cloud_map = place.discovery.aws_cloud_map
    if cloud_map is not None and place.addresses == ():
        yield f"Cloud Map lists no instance of {cloud_map.service_name} in {cloud_map.namespace_name}"


def _endpoints(place: Destination) -> tuple[str, ...]:
    port = place.listener.port_mapping.port
    if place.is_cut_off:
        return ()
    if place.discovery.dns is not None:
        return (f"{discovery_name(place.discovery)}:{port}",)
    return tuple(f"{address}:{port}" for address in place.addresses or ())


def _found(place: Destination, endpoints: Sequence[str]) -> str:
    if place.discovery.dns is not None:
        is_all = place.discovery.dns.response_type is DnsResponseType.ENDPOINTS
        how = (
            "every address that DNS gives"
            if is_all
            else "an address that DNS gives, looked up again and again"
        )
        return f"{endpoints[0]}: {how}"
    if place.addresses is None:
        return "Cloud Map is asked for them as soon as a proxy needs them"
    return f"{', '.join(endpoints)}: listed by Cloud Map"


def _tell_ingress(story: Story, node: Ref, place: Destination) -> None:
    """What the callee's proxy does: its listener, TLS, timeout, and the application behind it."""
    mapping = place.listener.port_mapping
    tls = place.listener.tls
    mode = f"TLS {tls.mode.value}" if tls is not None else "no TLS"
    who = "TLS" if place.tls is not None and takes_tls(tls) else "plain text"
    listener = f"listener {mapping.port}, {mapping.protocol.value}, {mode}; redirected to {INGRESS_PORT}"
    onward = f"passes it to the application on port {mapping.port}"
    story.matched(Stage.INGRESS, f"its proxy takes {who} ({listener}) and {onward}", node)
    if mapping.protocol is not PortProtocol.TCP:
        total, set_by = ingress_patience(node, place.listener)
        said = f"its proxy waits {length(total)} for the application, set by {set_by}"
        story.matched(Stage.INGRESS, f"{said}; the shorter of this and the caller's counts", node)
