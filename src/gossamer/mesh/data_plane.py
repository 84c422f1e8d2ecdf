"""Where the data plane differs from App Mesh's own: less work for each request, and the same mesh.

Each difference is off unless the operator asks for it, or nothing that has a name changes by it.
Source: decisions 068 and 069.
"""

import enum
from dataclasses import dataclass, field
from typing import Final

from gossamer.mesh.client_tls import ClientTls, takes_tls
from gossamer.model.kind import Ref
from gossamer.model.listener import Listener
from gossamer.model.port_mapping import PortProtocol
from gossamer.model.service_discovery import DnsResponseType, ServiceDiscovery


class Http2(enum.Enum):
    """What sidecars speak to each other where applications speak HTTP/1.1."""

    OFF = "off"
    #: HTTP/2 where both ends of a TLS connection agree on it.
    TLS = "tls"
    #: In plain text too, to virtual nodes of which every connected proxy accepts it.
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataPlane:
    """What the operator asked for; by default, what App Mesh did and TLS looked for on port 443 only."""

    inspects_every_port: bool = False
    http2: Http2 = Http2.OFF
    has_flat_gateways: bool = False


#: Every name and meaning as App Mesh's.
FAITHFUL: Final = DataPlane()


@dataclass(frozen=True, slots=True)
class Fleet:
    """What is asked of all proxies, and the virtual nodes all of whose proxies accept HTTP/2."""

    data_plane: DataPlane = FAITHFUL
    accepting: frozenset[Ref] = field(default_factory=frozenset)

    def speaks_http2(
        self, node: Ref, listener: Listener, discovery: ServiceDiscovery, tls: ClientTls | None
    ) -> bool:
        """Whether a caller speaks HTTP/2 to a listener of HTTP/1.1; over TLS, whether it offers to.

        Shape: only where Envoy sees every endpoint. Behind a load balancer one connection reaches one of
               them, so that fewer connections would share requests out worse.
        Source: decision 068; App Mesh API `DnsServiceDiscovery`, responseType.
        """
        if self.data_plane.http2 is Http2.OFF or listener.port_mapping.protocol is not PortProtocol.HTTP:
            return False
        dns = discovery.dns
        if dns is not None and dns.response_type is not DnsResponseType.ENDPOINTS:
            return False
        if tls is not None:
            return takes_tls(listener.tls)
        return self.data_plane.http2 is Http2.ALL and node in self.accepting


#: Proxies of which nothing is asked.
ANY_FLEET: Final = Fleet()
