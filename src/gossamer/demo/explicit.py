"""The stage without machines: three sidecars on this machine's loopback, and a client that names its proxy.

Where neither root nor a user namespace is to be had, nothing can be intercepted. The routes, clusters and
endpoints are the same, taken from the control plane; only the listeners are ours.
"""

import asyncio
import json
import socket
import struct
from pathlib import Path
from typing import Any, Final

from gossamer.demo.layout import MEMBERS, SERVICE_A, Member
from gossamer.sidecar.bootstrap import bootstrap
from gossamer.sidecar.env import settings

_TYPE: Final = "type.googleapis.com/envoy.extensions."
_HCM: Final = "filters.network.http_connection_manager.v3.HttpConnectionManager"
_ROUTER: Final = "filters.http.router.v3.Router"
_CARES: Final = "network.dns_resolver.cares.v3.CaresDnsResolverConfig"

#: What each service has instead of a machine.
ADDRESSES: Final = {member.host: f"127.0.0.{number}" for number, member in enumerate(MEMBERS, start=2)}

_HEADER: Final = struct.Struct("!6H")
_TYPE_A: Final = 1
_ANSWERED: Final = 0x8180
_UNKNOWN: Final = 0x8183


class Names(asyncio.DatagramProtocol):
    """Answers DNS questions for the services of the stage. Source: RFC 1035, section 4."""

    # A datagram protocol is only ever given a transport of datagrams.
    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        """Keep what answers are sent on."""
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer one question."""
        self._transport.sendto(dns_answer(data), addr)


def dns_answer(question: bytes) -> bytes:
    """The answer to a question with one name."""
    number = _HEADER.unpack_from(question)[0]
    place, labels = _HEADER.size, []
    while length := question[place]:
        labels.append(question[place + 1 : place + 1 + length].decode("ascii", "replace"))
        place += 1 + length
    asked = question[_HEADER.size : place + 5]
    (kind,) = struct.unpack_from("!H", question, place + 1)
    address = {name.lower(): one for name, one in ADDRESSES.items()}.get(".".join(labels).lower())
    if address is None:
        return _HEADER.pack(number, _UNKNOWN, 1, 0, 0, 0) + asked
    if kind != _TYPE_A:
        return _HEADER.pack(number, _ANSWERED, 1, 0, 0, 0) + asked
    record = struct.pack("!HHHIH", 0xC00C, _TYPE_A, 1, 1, 4) + socket.inet_aton(address)
    return _HEADER.pack(number, _ANSWERED, 1, 1, 0, 0) + asked + record


async def serve_names() -> int:
    """Answer on a free port of the loopback; returns it."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Names, local_addr=("127.0.0.1", 0))
    return int(transport.get_extra_info("sockname")[1])


def free_port() -> int:
    """A port of the loopback that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def write_bootstrap(member: Member, variables: dict[str, str], names_port: int, way_out: int) -> Path:
    """A whole bootstrap for a sidecar without interception; `way_out` is where an application finds it."""
    found, _ = settings(variables)
    directory = Path(found.envoy.run_dir)
    written: Any = bootstrap(found, str(directory / "admin.sock"))
    del written["dynamic_resources"]["lds_config"]
    listeners = [_listener(ADDRESSES[member.host], member.port, "ingress", f"rds_ingress_http_{member.port}")]
    if member is SERVICE_A:
        listeners.append(_listener("127.0.0.1", way_out, "egress", "rds_egress_http_80"))
    written["static_resources"]["listeners"] = listeners
    written["typed_dns_resolver_config"] = {
        "name": "envoy.network.dns_resolver.cares",
        "typed_config": {
            "@type": _TYPE + _CARES,
            "resolvers": [_address("127.0.0.1", names_port)],
            "dns_resolver_options": {"no_default_search_domain": True},
        },
    }
    path = directory / "explicit.json"
    path.write_text(json.dumps(written))
    return path


def _listener(host: str, port: int, prefix: str, routes: str) -> dict[str, object]:
    source = {"ads": {}, "resource_api_version": "V3"}
    manager = {
        "@type": _TYPE + _HCM,
        "stat_prefix": prefix,
        "rds": {"route_config_name": routes, "config_source": source},
        "http_filters": [{"name": "envoy.filters.http.router", "typed_config": {"@type": _TYPE + _ROUTER}}],
    }
    filters = [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]
    return {
        "name": f"explicit_{prefix}",
        "address": _address(host, port),
        "filter_chains": [{"filters": filters}],
    }


def _address(host: str, port: int) -> dict[str, object]:
    return {"socket_address": {"address": host, "port_value": port}}
