"""The one table of the interception's variables, and the interception that they ask for.

The table drives parsing, the flags of `gossamer intercept`, and the reference page, as the agent's does.
Unlike the agent's numbers, a wrong value here is refused: rules other than those asked for would let traffic
past the proxy without anyone noticing.

Source: App Mesh user guide, the variables of the proxy route manager, and the sentences of its refusals.
"""

import ipaddress
from collections.abc import Mapping
from typing import Final

from gossamer.sidecar.intercept.plan import SSH_PORT, Interception, Network
from gossamer.sidecar.variable import DIGITS, Choice, Misconfigured, Reader, Text, Truth, Variable

START_ENABLED: Final = Truth(
    names=("APPMESH_START_ENABLED",),
    flag="--start-enabled",
    default=False,
    meaning="Whether `gossamer intercept` without a command puts the rules in place.",
)
IGNORE_UID: Final = Text(
    names=("APPMESH_IGNORE_UID",),
    flag="--ignore-uid",
    takes="a user's number",
    meaning="The proxy's user, whose traffic passes. Either this or the group is required.",
)
IGNORE_GID: Final = Text(
    names=("APPMESH_IGNORE_GID",),
    flag="--ignore-gid",
    takes="a group's number",
    meaning="The proxy's group, whose traffic passes.",
)
EGRESS_PORT: Final = Text(
    names=("APPMESH_ENVOY_EGRESS_PORT",),
    flag="--envoy-egress-port",
    takes="a port",
    meaning="Where the proxy takes outbound traffic; 15001 everywhere in App Mesh. Required.",
)
INGRESS_PORT: Final = Text(
    names=("APPMESH_ENVOY_INGRESS_PORT",),
    flag="--envoy-ingress-port",
    takes="a port",
    meaning="Where the proxy takes inbound traffic; 15000 everywhere in App Mesh. Required with app ports.",
)
APP_PORTS: Final = Text(
    names=("APPMESH_APP_PORTS",),
    flag="--app-ports",
    takes="ports with commas between",
    meaning="The ports that the application serves. Without any, inbound traffic is left alone.",
)
IGNORED_PORTS: Final = Text(
    names=("APPMESH_EGRESS_IGNORED_PORTS",),
    flag="--egress-ignored-ports",
    takes="ports with commas between",
    meaning="Outbound traffic to these ports passes. Port 22 always does.",
)
IGNORED_IP: Final = Text(
    names=("APPMESH_EGRESS_IGNORED_IP",),
    flag="--egress-ignored-ip",
    takes="addresses or CIDR blocks with commas between",
    meaning="Outbound traffic to these passes. Those of IPv6 count only with APPMESH_ENABLE_IPV6.",
)
ENABLE_IPV6: Final = Truth(
    names=("APPMESH_ENABLE_IPV6",),
    flag="--enable-ipv6",
    default=False,
    meaning="Whether IPv6 is intercepted too.",
)
USING: Final = Choice(
    names=("GOSSAMER_INTERCEPT_USING",),
    flag="--using",
    default="auto",
    among=("auto", "nft", "iptables", "iptables-nft", "iptables-legacy"),
    meaning="What the rules are kept in. auto takes nftables where it works, else iptables.",
)

TABLE: Final[tuple[Variable, ...]] = (
    START_ENABLED, IGNORE_UID, IGNORE_GID, EGRESS_PORT, INGRESS_PORT, APP_PORTS, IGNORED_PORTS, IGNORED_IP,
    ENABLE_IPV6, USING,
)  # fmt: skip

LAST_PORT: Final = 65535
_LAST_ID: Final = 2**32 - 2


def is_enabled_at_start(environ: Mapping[str, str]) -> bool:
    """Whether the rules are wanted without being asked for by a command."""
    return Reader(environ).truth(START_ENABLED)


def using(environ: Mapping[str, str]) -> str:
    """What the rules are to be kept in."""
    read = Reader(environ)
    found = read.choice(USING)
    _refuse(read)
    return found


def interception(environ: Mapping[str, str]) -> Interception:
    """Read what is to be intercepted.

    Raises: Misconfigured for what is missing or wrong, with the route manager's sentence where it has one.
    """
    read = Reader(environ)
    uid, gid = _owners(read)
    app_ports = _ports(APP_PORTS, read.text(APP_PORTS))
    found = Interception(
        egress_port=_egress_port(read.text(EGRESS_PORT)),
        ingress_port=_ingress_port(read.text(INGRESS_PORT), is_needed=bool(app_ports)),
        app_ports=app_ports,
        ignored_uid=uid,
        ignored_gid=gid,
        ignored_ports=_with_ssh(_ports(IGNORED_PORTS, read.text(IGNORED_PORTS))),
        ignored_networks=tuple(map(_network, _items(read.text(IGNORED_IP)))),
        is_ipv6=read.truth(ENABLE_IPV6),
    )
    _refuse(read)
    return found


def _refuse(read: Reader) -> None:
    """Stop at a value that gave way to a default."""
    for wrong in read.ignored:
        raise Misconfigured(f"{wrong.name} is {wrong.given!r}, but it takes {wrong.accepts}.")


def _with_ssh(ports: tuple[int, ...]) -> tuple[int, ...]:
    """The ports to leave alone, SSH's last."""
    return (*(port for port in ports if port != SSH_PORT), SSH_PORT)


def _egress_port(text: str) -> int:
    """The proxy's port for outbound traffic."""
    if not text:
        raise Misconfigured(
            "APPMESH_ENVOY_EGRESS_PORT must be defined to forward traffic from the application to the proxy."
        )
    return _port(EGRESS_PORT, text)


def _ingress_port(text: str, *, is_needed: bool) -> int | None:
    """The proxy's port for inbound traffic."""
    if text:
        return _port(INGRESS_PORT, text)
    if is_needed:
        raise Misconfigured(
            "APPMESH_ENVOY_INGRESS_PORT must be defined to forward traffic from the APPMESH_APP_PORTS to the"
            " proxy."
        )
    return None


def _owners(read: Reader) -> tuple[int | None, int | None]:
    """The proxy's user and group, at least one of them."""
    uid = _owner(IGNORE_UID, read.text(IGNORE_UID))
    gid = _owner(IGNORE_GID, read.text(IGNORE_GID))
    if uid is None and gid is None:
        raise Misconfigured("Variables APPMESH_IGNORE_UID and/or APPMESH_IGNORE_GID must be set.")
    return uid, gid


def _owner(variable: Text, text: str) -> int | None:
    """A user or a group, by number; None when nothing was said."""
    if not text:
        return None
    if DIGITS.fullmatch(text) is None or int(text) > _LAST_ID:
        raise Misconfigured(f"{variable.name} is {text!r}, but it takes {variable.takes}.")
    return int(text)


def _ports(variable: Text, text: str) -> tuple[int, ...]:
    """Ports from a list."""
    return tuple(_port(variable, item) for item in _items(text))


def _port(variable: Text, text: str) -> int:
    """One port."""
    if DIGITS.fullmatch(text) is None or not 0 < int(text) <= LAST_PORT:
        raise Misconfigured(f"{variable.name}: {text!r} is not a port.")
    return int(text)


def _network(text: str) -> Network:
    """An address or a block; what is set beyond a block's prefix is dropped, as iptables does."""
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise Misconfigured(f"{IGNORED_IP.name}: {text!r} is no IP address and no CIDR block.") from error


def _items(text: str) -> tuple[str, ...]:
    """The items of a list with commas; what is empty between two commas is nothing."""
    return tuple(item.strip() for item in text.split(",") if item.strip())
