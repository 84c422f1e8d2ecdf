"""The proxy answers DNS for the services that its node calls -> envoy...DnsFilterConfig, a UDP listener.

An address is made from the service's name, so it is the same on every machine and for ever, and nobody has to
keep a table. Nobody has these addresses either: the proxy takes what goes there, by port and host.
Source: decision 052; RFC 5735, section 4 (240.0.0.0/4); RFC 4193 (fd00::/8).
"""

import hashlib
import ipaddress
import re
from collections.abc import Iterable
from typing import Final

from envoy.config.core.v3.address_pb2 import Address, SocketAddress
from envoy.config.core.v3.extension_pb2 import TypedExtensionConfig
from envoy.config.listener.v3.listener_components_pb2 import ListenerFilter
from envoy.config.listener.v3.listener_pb2 import Listener
from envoy.config.listener.v3.udp_listener_config_pb2 import UdpListenerConfig
from envoy.data.dns.v3.dns_table_pb2 import DnsTable
from envoy.extensions.filters.udp.dns_filter.v3.dns_filter_pb2 import DnsFilterConfig
from envoy.extensions.network.dns_resolver.cares.v3.cares_dns_resolver_pb2 import CaresDnsResolverConfig
from google.protobuf.duration_pb2 import Duration

from gossamer.compile.address import PREFERS_IPV6
from gossamer.compile.value import packed
from gossamer.compile.wish import NameService
from gossamer.model.service_discovery import IpPreference

LISTENER: Final = "lds_dns"

#: Half of what is set aside for ever: 27 bits are the name's. Nothing routes it, and no network uses it.
VIRTUAL_IPV4: Final = ipaddress.ip_network("240.0.0.0/5")
#: A network of our own, from the hash of our name: 64 bits are the service's.
VIRTUAL_IPV6: Final = ipaddress.ip_network("fd67:6f73:7361:6d00::/64")

#: The least that Envoy takes. It need not be less: what a name leads to never changes.
ANSWER_TTL_S: Final = 30
_NAME: Final = re.compile(r"(?=.{1,253}\.?$)[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_-]+)*\.?")
_MOST_LOOKUPS: Final = 1024


def virtual_ipv4(service: str) -> str:
    """A service's address of IPv4, from its name alone."""
    return str(VIRTUAL_IPV4[1 + _number(service) % (VIRTUAL_IPV4.num_addresses - 2)])


def virtual_ipv6(service: str) -> str:
    """A service's address of IPv6, from its name alone."""
    return str(VIRTUAL_IPV6[1 + _number(service) % (VIRTUAL_IPV6.num_addresses - 2)])


def name_listener(wanted: NameService, services: Iterable[str], preference: IpPreference | None) -> Listener:
    """The listener that answers for these services, and passes other names on."""
    filter_ = DnsFilterConfig(
        stat_prefix="dns",
        server_config=DnsFilterConfig.ServerContextConfig(inline_dns_table=_table(services, preference)),
        client_config=DnsFilterConfig.ClientContextConfig(
            resolver_timeout=Duration(seconds=5),
            typed_dns_resolver_config=_resolver(wanted),
            max_pending_lookups=_MOST_LOOKUPS,
        ),
    )
    return Listener(
        name=LISTENER,
        address=_address(wanted.address, wanted.port, SocketAddress.UDP),
        udp_listener_config=UdpListenerConfig(),
        listener_filters=[ListenerFilter(name="envoy.filters.udp.dns_filter", typed_config=packed(filter_))],
    )


def _table(services: Iterable[str], preference: IpPreference | None) -> DnsTable:
    """Name by name; what is no name in DNS is left out.

    Envoy compares letter by letter, where DNS does not care about case: a name is there as it is written, and
    in lower case, which is how programs mostly ask.
    """
    plain = [service.removesuffix(".") for service in services if _NAME.fullmatch(service)]
    names = {*plain, *(service.lower() for service in plain)}
    domains = [
        DnsTable.DnsVirtualDomain(
            name=name,
            endpoint=DnsTable.DnsEndpoint(
                address_list=DnsTable.AddressList(address=addresses(name, preference))
            ),
            answer_ttl=Duration(seconds=ANSWER_TTL_S),
        )
        for name in sorted(names)
    ]
    return DnsTable(virtual_domains=domains)


def addresses(service: str, preference: IpPreference | None) -> list[str]:
    """Where a service is to be found: one address of each family, and both lead to the proxy.

    Without a preference the proxy listens on IPv4 alone. A name without an address of IPv6 would still be no
    answer: Envoy says that there is no such name, and musl's resolver (Alpine's) believes it of both
    families. So it gets its address of IPv4 again, as IPv6 writes it, which a socket of either family takes
    to IPv4.
    Source: RFC 4291, section 2.5.5.2; musl, `name_from_dns`.
    """
    if preference is None:
        return [virtual_ipv4(service), f"::ffff:{virtual_ipv4(service)}"]
    both = [virtual_ipv4(service), virtual_ipv6(service)]
    return both[::-1] if preference in PREFERS_IPV6 else both


def _resolver(wanted: NameService) -> TypedExtensionConfig:
    """Those whom the machine asks, and nobody else: its own resolv.conf may name the proxy."""
    config = CaresDnsResolverConfig(
        resolvers=[_address(one.address, one.port, SocketAddress.UDP) for one in wanted.resolvers]
    )
    config.dns_resolver_options.no_default_search_domain = True
    return TypedExtensionConfig(name="envoy.network.dns_resolver.cares", typed_config=packed(config))


def _address(host: str, port: int, protocol: "SocketAddress.Protocol") -> Address:
    return Address(socket_address=SocketAddress(protocol=protocol, address=host, port_value=port))


def _number(service: str) -> int:
    """A number from a name, the same for ever."""
    name = service.lower().removesuffix(".").encode()
    return int.from_bytes(hashlib.blake2b(name, digest_size=8, person=b"gossamer").digest())
