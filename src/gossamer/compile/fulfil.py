"""What one Envoy asked for, laid over what all of its endpoint get: Resources, Wishes -> Resources.

It copies what others built and changes the copy. That breaks the rule of handing things in before a message
is built, and on purpose: what is shared by hundreds must not depend on what one wishes, and what one wishes
is small beside it.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from envoy.config.cluster.v3.cluster_pb2 import Cluster
from envoy.config.core.v3.base_pb2 import Metadata, TrafficDirection
from envoy.config.listener.v3.listener_components_pb2 import Filter, FilterChain
from envoy.config.listener.v3.listener_pb2 import Listener
from envoy.config.route.v3.route_components_pb2 import VirtualHost
from envoy.config.route.v3.route_pb2 import RouteConfiguration
from envoy.extensions.filters.http.router.v3.router_pb2 import Router
from envoy.extensions.filters.network.http_connection_manager.v3.http_connection_manager_pb2 import (
    HttpConnectionManager,
)
from envoy.extensions.filters.network.tcp_proxy.v3.tcp_proxy_pb2 import TcpProxy
from envoy.extensions.request_id.uuid.v3.uuid_pb2 import UuidRequestIdConfig

from gossamer.compile import idle_request, metric_log, names
from gossamer.compile.memory import remembered
from gossamer.compile.metric_log import literal
from gossamer.compile.name_service import name_listener
from gossamer.compile.resources import Compiled, Host, Part, Resources, ResourceType, part
from gossamer.compile.stats_log import Tag
from gossamer.compile.value import boolean, packed
from gossamer.compile.wish import NOTHING, NameService, Wishes
from gossamer.mesh.view import GatewayView, ProxyView
from gossamer.model.kind import Kind
from gossamer.model.port_mapping import PortProtocol
from gossamer.model.service_discovery import IpPreference

_OWN_TAG: Final = {Kind.VIRTUAL_NODE: "VirtualNode", Kind.VIRTUAL_GATEWAY: "VirtualGateway"}

Message = TypeVar("Message", Listener, Cluster, VirtualHost)


@dataclass(frozen=True, slots=True)
class _Fulfilment:
    """What is asked: `own` names the proxy in metrics, `tcp` the service behind each TCP port.

    `is_flat` says that what comes in may go out at once.
    """

    wishes: Wishes
    own: tuple[Tag, ...]
    tcp: Mapping[int, str]
    is_flat: bool


def seen_by(view: ProxyView, wishes: Wishes) -> ProxyView:
    """A view as proxies with these wishes are compiled from it."""
    is_flat = wishes.counts_steps and view.data_plane.has_flat_gateways
    return replace(view, is_flat=True) if is_flat and isinstance(view, GatewayView) else view


def fulfilled(shared: Resources, view: ProxyView, who: tuple[Kind, str], wishes: Wishes) -> Resources:
    """All that a proxy with these wishes gets; without any, what is shared, itself."""
    if replace(wishes, counts_steps=False) == NOTHING:
        return shared
    kind, name = who
    tcp = {
        one.port: literal(one.service) for one in reversed(view.services) if one.protocol is PortProtocol.TCP
    }
    own = (("Mesh", literal(view.mesh)), (_OWN_TAG[kind], literal(name)))
    asked = _Fulfilment(wishes, own, tcp, is_flat=isinstance(view, GatewayView) and view.is_flat)
    services = frozenset(one.service for one in view.services)
    names_answered = part(_names, wishes.names, services, view.ip_preference)
    return Resources((*(part(_changed_part, one, asked) for one in shared.parts), names_answered))


def _changed_part(shared: Part, asked: _Fulfilment) -> Iterator[Compiled]:
    """Some of what all get, with what is asked of it."""
    return (_changed(one, asked) for one in shared.compiled())


def _names(
    asked: NameService | None, services: frozenset[str], preference: IpPreference | None
) -> Iterator[Compiled]:
    """The listener that answers for names, if that is asked for."""
    if asked is not None:
        listener = name_listener(asked, services, preference)
        yield Compiled(ResourceType.LISTENER, listener.name, listener)


def _changed(one: Compiled, asked: _Fulfilment) -> Compiled:
    """One resource, with what is asked of it."""
    match one.own:
        case Listener():
            return replace(one, own=_listener(one.own, asked))
        case Cluster() if asked.wishes.has_metrics or asked.wishes.keeps_idle_requests:
            return replace(one, own=_cluster(one.own, asked.wishes), is_shared=False)
        case RouteConfiguration() if asked.wishes.has_metrics or asked.wishes.keeps_idle_requests:
            wishes = replace(asked.wishes, names=None)
            hosts = tuple(_host(host, wishes) for host in one.hosts)
            return replace(one, hosts=hosts, is_shared=False)
        case _:
            return one


def _cluster(shared: Cluster, wishes: Wishes) -> Cluster:
    """A cluster that says whom it stands for, or notices when that is gone."""
    cluster = _copy(shared)
    if wishes.has_metrics:
        cluster.metadata.CopyFrom(_readable(shared.metadata))
    if wishes.keeps_idle_requests:
        cluster.MergeFrom(idle_request.cluster_part())
    return cluster


@remembered
def _host(shared: Host, wishes: Wishes) -> Host:
    """A virtual host whose routes say what they stand for, or bound what nothing else bounds."""
    host = _copy(shared.message)
    for route in host.routes:
        if wishes.has_metrics and route.HasField("metadata"):
            route.metadata.CopyFrom(_readable(route.metadata))
        if wishes.keeps_idle_requests and route.HasField("route"):
            route.route.MergeFrom(idle_request.route_part(route.route))
    return Host(host, shared.needs)


def _readable(metadata: Metadata) -> Metadata:
    """Metadata whose tags the stats logger can read too; as a JSON text they are for others."""
    found = Metadata()
    found.CopyFrom(metadata)
    if names.METRIC_TAGS not in metadata.filter_metadata:
        return found
    tags = json.loads(str(metadata.filter_metadata[names.METRIC_TAGS]["config"]))["tags"]
    if tags:
        found.filter_metadata[metric_log.NAMESPACE].update({tag["key"]: tag["value"] for tag in tags})
    return found


def _listener(shared: Listener, asked: _Fulfilment) -> Listener:
    """A listener whose filters do what is asked, and that counts its own connections."""
    listener = _copy(shared)
    is_inbound = shared.traffic_direction == TrafficDirection.INBOUND
    if is_inbound and asked.wishes.has_metrics:
        listener.access_log.extend(metric_log.connection_logs(asked.own))
    if asked.wishes.keeps_idle_requests:
        listener.MergeFrom(idle_request.listener_part())
    for chain in listener.filter_chains:
        for filter_ in chain.filters:
            _change_filter(filter_, chain, asked, is_inbound=is_inbound)
    return listener


def _change_filter(filter_: Filter, chain: FilterChain, asked: _Fulfilment, *, is_inbound: bool) -> None:
    """Change one filter of our own copy."""
    box = filter_.typed_config
    if box.TypeName() == HttpConnectionManager.DESCRIPTOR.full_name:
        manager = HttpConnectionManager()
        box.Unpack(manager)
        box.CopyFrom(packed(_manager(manager, asked, is_inbound=is_inbound)))
    elif box.TypeName() == TcpProxy.DESCRIPTOR.full_name and asked.wishes.has_metrics and not is_inbound:
        service = asked.tcp.get(chain.filter_chain_match.destination_port.value)
        if service is not None:
            proxy = TcpProxy()
            box.Unpack(proxy)
            proxy.access_log.extend(metric_log.target_connection_logs(asked.own, service))
            box.CopyFrom(packed(proxy))


def _manager(
    manager: HttpConnectionManager, asked: _Fulfilment, *, is_inbound: bool
) -> HttpConnectionManager:
    """A connection manager of our own copy, changed.

    Source: App Mesh user guide, `APPMESH_SET_TRACING_DECISION`; Envoy `UuidRequestIdConfig`.
    """
    if asked.wishes.has_metrics:
        if is_inbound:
            manager.access_log.extend(metric_log.request_logs(asked.own))
        if not is_inbound or asked.is_flat:
            manager.access_log.extend(metric_log.target_request_logs(asked.own))
    if asked.wishes.keeps_request_id:
        config = UuidRequestIdConfig(pack_trace_reason=boolean(value=False))
        manager.request_id_extension.typed_config.CopyFrom(packed(config))
    if asked.wishes.makes_no_request_ids:
        manager.generate_request_id.CopyFrom(boolean(value=False))
    if asked.wishes.keeps_idle_requests:
        manager.MergeFrom(idle_request.manager_part())
    if asked.wishes.hides_envoy:
        manager.server_header_transformation = HttpConnectionManager.PASS_THROUGH
        router, box = Router(), manager.http_filters[-1].typed_config
        box.Unpack(router)
        router.suppress_envoy_headers = True
        box.CopyFrom(packed(router))
    return manager


def _copy(message: Message) -> Message:
    """A message of our own."""
    copy = type(message)()
    copy.CopyFrom(message)
    return copy
