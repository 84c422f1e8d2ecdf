"""The configuration of one proxy in a real Envoy that says of each answer which of its entries made it.

Everything that decides is what a proxy gets: listeners with their filter chains, routes, clusters by name.
Only where connections come from and go to is changed: an address in the PROXY protocol stands for the one
that a redirected connection had, and every cluster leads to an echo in the same Envoy.
"""

import asyncio
import dataclasses
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from envoy.config.cluster.v3.cluster_pb2 import Cluster
from envoy.config.core.v3.address_pb2 import Address, Pipe
from envoy.config.core.v3.base_pb2 import HeaderValue, HeaderValueOption
from envoy.config.endpoint.v3.endpoint_pb2 import ClusterLoadAssignment
from envoy.config.listener.v3.listener_components_pb2 import ListenerFilter
from envoy.config.listener.v3.listener_pb2 import Listener
from envoy.config.route.v3.route_pb2 import RouteConfiguration
from envoy.extensions.filters.listener.proxy_protocol.v3.proxy_protocol_pb2 import ProxyProtocol
from envoy.extensions.filters.network.http_connection_manager.v3.http_connection_manager_pb2 import (
    HttpConnectionManager,
)
from envoy.extensions.filters.network.tcp_proxy.v3.tcp_proxy_pb2 import TcpProxy
from google.protobuf import json_format

from gossamer.compile import names
from gossamer.compile.endpoint import load_assignment
from gossamer.compile.proxy import resources
from gossamer.compile.resources import Compiled, Resources, ResourceType
from gossamer.compile.value import packed
from gossamer.explain.request import Request
from gossamer.explain.story import Taken
from gossamer.mesh.view import GatewayView, ProxyView
from tests.support.envoy import HCM, ROUTER
from tests.support.http2 import Http2Connection
from tests.support.judge import Judge
from tests.support.near_requests import is_http2

#: What the echo tells of what came to it.
SEEN: Final = {
    "x-seen-path": ":PATH",
    "x-seen-host": ":AUTHORITY",
    "x-seen-timeout": "X-ENVOY-EXPECTED-RQ-TIMEOUT-MS",
}


@dataclasses.dataclass(frozen=True)
class Answer:
    """What came back: nothing at all if the connection was closed; headers as they came."""

    status: int | None
    headers: list[tuple[str, str]]

    def all(self, name: str) -> list[str]:
        return [value for one, value in self.headers if one == name]

    def one(self, name: str) -> str:
        return next(iter(self.all(name)), "")


class Sandbox:
    """One proxy's configuration after the other, in one Envoy."""

    def __init__(self, judge: Judge, directory: Path) -> None:
        self._judge, self._directory = judge, directory
        self._numbers = itertools.count()
        self._entries: dict[str, Taken] = {}
        self._is_gateway = False

    async def run(self, view: ProxyView) -> None:
        """Have Envoy run what the proxies of a view get."""
        self._number = next(self._numbers)
        self._entries = {}
        self._is_gateway = isinstance(view, GatewayView)
        compiled = resources(view)
        routes = {one.name: self._marked(one.message) for one in compiled.of(ResourceType.ROUTE)}
        tcp = sorted(set(_tcp_clusters(compiled)))
        filled = {one.name for one in compiled.of(ResourceType.ENDPOINT) if _has_places(one)}
        clusters = [self._cluster(one.message, tcp, filled) for one in compiled.of(ResourceType.CLUSTER)]
        changed = (
            *clusters,
            *(
                self._listener(one.message, routes, frozenset(cluster.name for cluster in clusters))
                for one in compiled.of(ResourceType.LISTENER)
                if self._is_wanted(one)
            ),
            self._echo("echo"),
            *(self._echo(f"tcp{index}", name) for index, name in enumerate(tcp)),
        )
        refused = await self._judge.refusals(Resources.holding(*changed))
        assert not refused

    async def ask(self, request: Request) -> Answer:
        """Send a request as it would come to the proxy, and read the answer."""
        path = self._path(str(request.port) if self._is_gateway else names.egress_listener())
        try:
            reader, writer = await asyncio.open_unix_connection(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            return Answer(None, [])
        if not self._is_gateway:
            writer.write(f"PROXY TCP4 192.0.2.1 198.51.100.1 40000 {request.port}\r\n".encode())
        try:
            async with asyncio.timeout(60):
                return await (_over_http2 if is_http2(request) else _over_http1)(request, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            return Answer(None, [])
        finally:
            writer.close()

    def entries(self, answer: Answer) -> tuple[Taken, ...]:
        """The entries that a request took, in order."""
        return tuple(self._entries[key] for key in reversed(answer.all("x-entry")))

    def _path(self, name: str) -> Path:
        return self._directory / f"{self._number}-{name}.sock"

    def _address(self, name: str) -> Address:
        return Address(pipe=Pipe(path=str(self._path(name))))

    def _is_wanted(self, one: Compiled) -> bool:
        return self._is_gateway or one.name == names.egress_listener()

    def _marked(self, message: Any) -> RouteConfiguration:
        """Routes that say which they are, and which cluster they chose."""
        routes = RouteConfiguration()
        routes.CopyFrom(message)
        for host in routes.virtual_hosts:
            for index, route in enumerate(host.routes):
                key = str(len(self._entries))
                self._entries[key] = Taken(routes.name, host.name, index)
                route.response_headers_to_add.extend(
                    [_header("x-entry", key), _header("x-cluster", "%UPSTREAM_CLUSTER%")]
                )
        return routes

    def _listener(
        self, message: Any, routes: dict[str, RouteConfiguration], clusters: frozenset[str]
    ) -> Compiled:
        listener = Listener()
        listener.CopyFrom(message)
        port = message.address.socket_address.port_value
        is_way_out = message.name == names.egress_listener()
        name = names.egress_listener() if is_way_out else str(port)
        listener.name = f"{self._number}-{name}"
        listener.stat_prefix = ""
        listener.address.CopyFrom(self._address(name))
        if self._is_gateway:
            del listener.listener_filters[:]
            plain = [one for one in listener.filter_chains if not one.HasField("transport_socket")]
            kept = (plain or listener.filter_chains)[0]
            del listener.filter_chains[:]
            kept.ClearField("filter_chain_match")
            kept.ClearField("transport_socket")
            listener.filter_chains.append(kept)
        else:
            listener.listener_filters[0].CopyFrom(
                ListenerFilter(name="proxy", typed_config=packed(ProxyProtocol()))
            )
        for chain in listener.filter_chains:
            for filter_ in chain.filters:
                _inline(filter_.typed_config, routes)
        return Compiled(ResourceType.LISTENER, listener.name, listener, clusters)

    def _cluster(self, message: Any, tcp: list[str], filled: set[str]) -> Compiled:
        is_empty = message.type == Cluster.EDS and message.name not in filled
        is_empty |= message.type == Cluster.STATIC and not message.load_assignment.endpoints
        if "_self_redirect_" in message.name:
            to = names.egress_listener()
        else:
            to = f"tcp{tcp.index(message.name)}" if message.name in tcp else "echo"
        cluster = Cluster(
            name=message.name, type=Cluster.STATIC, load_assignment=load_assignment(message.name, ())
        )
        for key, options in message.typed_extension_protocol_options.items():
            cluster.typed_extension_protocol_options[key].CopyFrom(options)
        if not is_empty:
            endpoint = cluster.load_assignment.endpoints.add().lb_endpoints.add().endpoint
            endpoint.address.CopyFrom(self._address(to))
        return Compiled(ResourceType.CLUSTER, message.name, cluster)

    def _echo(self, name: str, cluster: str = "") -> Compiled:
        """What answers everything; where it is found by TCP, by its cluster's name."""
        told = {key: f"%REQ({asked})%" for key, asked in SEEN.items()} | (
            {"x-tcp": cluster} if cluster else {}
        )
        headers = [{"header": {"key": key, "value": value}} for key, value in told.items()]
        route = {"match": {"prefix": "/"}, "direct_response": {"status": 200}}
        host = {"name": "echo", "domains": ["*"], "routes": [route], "response_headers_to_add": headers}
        manager = {
            "@type": f"type.googleapis.com/{HCM}",
            "stat_prefix": "echo",
            # Only somebody trusted is told how long is left.
            "use_remote_address": True,
            "internal_address_config": {"unix_sockets": True},
            "route_config": {"virtual_hosts": [host]},
            "http_filters": [{"name": "router", "typed_config": {"@type": f"type.googleapis.com/{ROUTER}"}}],
        }
        return self._beside(name, {"name": "hcm", "typed_config": manager})

    def _beside(self, name: str, filter_: dict[str, object]) -> Compiled:
        listener = json_format.ParseDict({"filter_chains": [{"filters": [filter_]}]}, Listener())
        listener.name = f"{self._number}-{name}"
        listener.address.CopyFrom(self._address(name))
        return Compiled(ResourceType.LISTENER, listener.name, listener)


def _has_places(one: Compiled) -> bool:
    return isinstance(one.message, ClusterLoadAssignment) and bool(one.message.endpoints)


def _inline(box: Any, routes: dict[str, RouteConfiguration]) -> None:
    """Routes within their listener: both are there at once."""
    if box.TypeName() == HttpConnectionManager.DESCRIPTOR.full_name:
        manager = HttpConnectionManager()
        box.Unpack(manager)
        manager.route_config.CopyFrom(routes[manager.rds.route_config_name])
        box.CopyFrom(packed(manager))


def _tcp_clusters(compiled: Resources) -> Iterator[str]:
    for one in compiled.of(ResourceType.LISTENER):
        assert isinstance(one.message, Listener)
        for filter_ in (each for chain in one.message.filter_chains for each in chain.filters):
            if filter_.typed_config.TypeName() == TcpProxy.DESCRIPTOR.full_name:
                proxy = TcpProxy()
                filter_.typed_config.Unpack(proxy)
                yield from (
                    [proxy.cluster]
                    if proxy.cluster
                    else [each.name for each in proxy.weighted_clusters.clusters]
                )


def _header(key: str, value: str) -> HeaderValueOption:
    return HeaderValueOption(
        header=HeaderValue(key=key, value=value), append_action=HeaderValueOption.APPEND_IF_EXISTS_OR_ADD
    )


async def _over_http1(request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Answer:
    listed = [("host", request.authority), *request.headers, ("content-length", "0"), ("connection", "close")]
    lines = [f"{request.method} {request.target} HTTP/1.1", *(f"{name}: {value}" for name, value in listed)]
    writer.write("\r\n".join([*lines, "", ""]).encode())
    status, *rest = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = [tuple(line.split(": ", 1)) for line in rest if line]
    return Answer(int(status.split()[1]), [(one[0].lower(), one[-1]) for one in headers])


async def _over_http2(request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Answer:
    connection = Http2Connection(reader, writer)
    await connection.start()
    try:
        pseudo = [(":method", request.method), (":scheme", "http"), (":authority", request.authority)]
        stream = await connection.request([*pseudo, (":path", request.target), *request.headers], ends=True)
        headers = await stream.headers()
    finally:
        await connection.close()
    return Answer(int(dict(headers)[":status"]), headers)
