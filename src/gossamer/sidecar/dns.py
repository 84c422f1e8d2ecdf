"""Names without DNS tricks: the proxy answers for virtual services, and passes other names on.

The control plane sends the listener, since it knows the names; the agent asks for it in the node's metadata.
Source: decision 052.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from gossamer.contract import DNS_WISH
from gossamer.sidecar.endpoint import TcpEndpoint, is_ip_address
from gossamer.sidecar.json_value import Json
from gossamer.sidecar.variable import DIGITS, Misconfigured, Number, Reader, Text, Truth, Variable

ENABLED: Final = Truth(
    names=("GOSSAMER_DNS",),
    flag="--dns",
    default=False,
    meaning="Whether the proxy answers DNS for the virtual services that its node calls.",
)
ADDRESS: Final = Text(
    names=("GOSSAMER_DNS_ADDRESS",),
    flag="--dns-address",
    default="127.0.0.1",
    takes="an IP address",
    meaning="Where it answers; what the application's resolv.conf names.",
)
PORT: Final = Number(
    names=("GOSSAMER_DNS_PORT",),
    flag="--dns-port",
    default=53,
    least=1,
    most=65535,
    meaning="The UDP port where it answers.",
)
RESOLVERS: Final = Text(
    names=("GOSSAMER_DNS_RESOLVERS",),
    flag="--dns-resolvers",
    takes="IP addresses with commas between, each with or without a port",
    meaning="Who is asked for other names. Without it, those of the machine's resolv.conf "
    "but for the proxy itself.",
)

TABLE: Final[tuple[Variable, ...]] = (ENABLED, ADDRESS, PORT, RESOLVERS)

_DNS_PORT: Final = 53


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsSettings:
    """Where names are answered, and who is asked for others; no resolvers means the machine's own."""

    address: str
    port: int
    resolvers: tuple[TcpEndpoint, ...]


def dns_settings(read: Reader) -> DnsSettings | None:
    """Read whether names are answered, and where."""
    if not read.truth(ENABLED):
        return None
    address = read.text(ADDRESS)
    if not is_ip_address(address):
        address = read.refuse(ADDRESS, ADDRESS.takes)
    return DnsSettings(address=address, port=read.number(PORT), resolvers=_resolvers(read))


def dns_wish(settings: DnsSettings | None, nameservers: Iterable[str]) -> Json:
    """What is asked of the control plane, in the node's metadata; `nameservers` are the machine's.

    Raises: Misconfigured when there is nobody to pass other names on to.
    """
    if settings is None:
        return {}
    own = TcpEndpoint(settings.address, settings.port)
    machines = (TcpEndpoint(address, _DNS_PORT) for address in nameservers)
    resolvers = settings.resolvers or tuple(one for one in machines if one != own)
    if not resolvers:
        raise Misconfigured(
            "GOSSAMER_DNS is on, and resolv.conf names nobody but the proxy itself: "
            "set GOSSAMER_DNS_RESOLVERS to the resolvers of other names."
        )
    listed = [{"address": one.host, "port": one.port} for one in resolvers]
    return {DNS_WISH: {"address": settings.address, "port": settings.port, "resolvers": listed}}


def nameservers(resolv_conf: str) -> tuple[str, ...]:
    """The resolvers of a machine, in their order. Source: Linux resolv.conf(5)."""
    lines = (line.split() for line in resolv_conf.splitlines())
    named = (words[1] for words in lines if words[:1] == ["nameserver"] and len(words) > 1)
    return tuple(address for address in named if is_ip_address(address))


def _resolvers(read: Reader) -> tuple[TcpEndpoint, ...]:
    """The resolvers that the operator names.

    Raises: Misconfigured for one that is no address.
    """
    return tuple(_resolver(text.strip()) for text in read.text(RESOLVERS).split(",") if text.strip())


def _resolver(text: str) -> TcpEndpoint:
    """An address, with or without a port."""
    bare = text.removeprefix("[").removesuffix("]")
    if is_ip_address(bare):
        return TcpEndpoint(bare, _DNS_PORT)
    host, colon, digits = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if colon and is_ip_address(host) and DIGITS.fullmatch(digits) and 0 < int(digits) <= (PORT.most or 0):
        return TcpEndpoint(host, int(digits))
    raise Misconfigured(f"GOSSAMER_DNS_RESOLVERS names {text!r}; write an IP address, or ADDRESS:PORT.")
