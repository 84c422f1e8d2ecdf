"""Socket addresses, and which family a node prefers.

model.service_discovery.IpPreference -> envoy.config.core.v3.Address
Source: App Mesh examples, howto-ipv6, the table of effects.
"""

from typing import Final

from envoy.config.core.v3.address_pb2 import Address, CidrRange, SocketAddress

from gossamer.compile.value import uint32
from gossamer.model.service_discovery import IpPreference

IPV4_LOOPBACK: Final = "127.0.0.1"
#: Written out in full, as the managed service did.
IPV6_LOOPBACK: Final = "0:0:0:0:0:0:0:1"

#: Every address, of both families.
ANYWHERE: Final = (
    CidrRange(address_prefix="0.0.0.0", prefix_len=uint32(0)),  # noqa: S104 - a range to match, nothing is bound
    CidrRange(address_prefix="::", prefix_len=uint32(0)),
)

PREFERS_IPV6: Final = frozenset({IpPreference.IPV6_PREFERRED, IpPreference.IPV6_ONLY})


def address(host: str, port: int) -> Address:
    """A TCP address."""
    return Address(socket_address=SocketAddress(address=host, port_value=port))


def any_address(port: int, preference: IpPreference | None) -> Address:
    """All of this machine's addresses: IPv4 alone unless a preference is set, then both families."""
    if preference is None:
        return address("0.0.0.0", port)  # noqa: S104 - a proxy takes what is redirected to it, from anywhere
    return Address(socket_address=SocketAddress(address="::", port_value=port, ipv4_compat=True))


def loopback(preference: IpPreference | None) -> str:
    """Where the application listens, beside its proxy."""
    return IPV6_LOOPBACK if preference in PREFERS_IPV6 else IPV4_LOOPBACK
