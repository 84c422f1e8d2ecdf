"""Pure: an interception to rules.

Egress: what the workload opens to another machine goes to the proxy, unless the proxy itself opened it (told
by its user or group), or its port or address is left alone. Ingress: what other machines open to the
workload's own ports goes to the proxy. Only TCP, and never from this machine to itself.

Source: App Mesh user guide, the traffic of an EC2 instance; the rules and their order are of the table there.
"""

import ipaddress
from dataclasses import dataclass
from typing import Final

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

#: The route manager leaves it alone whatever is configured, so that nobody locks themselves out.
SSH_PORT: Final = 22


@dataclass(frozen=True, slots=True, kw_only=True)
class Interception:
    """What is to be intercepted.

    Absent: neither user nor group leaves only `ignored_networks` to tell the proxy's own traffic from the
    workload's, as where all users are one; `ingress_port` is needed only with `app_ports`; `ignored_ports`
    left out are SSH's alone.
    """

    egress_port: int
    ingress_port: int | None = None
    app_ports: tuple[int, ...] = ()
    ignored_uid: int | None = None
    ignored_gid: int | None = None
    ignored_ports: tuple[int, ...] = (SSH_PORT,)
    ignored_networks: tuple[Network, ...] = ()
    is_ipv6: bool = False


@dataclass(frozen=True, slots=True)
class IgnoreUser:
    """What this user opens passes."""

    uid: int


@dataclass(frozen=True, slots=True)
class IgnoreGroup:
    """What this group opens passes."""

    gid: int


@dataclass(frozen=True, slots=True)
class IgnorePort:
    """What goes to this port passes."""

    port: int


@dataclass(frozen=True, slots=True)
class IgnoreNetwork:
    """What goes to these addresses passes."""

    network: Network


@dataclass(frozen=True, slots=True)
class Redirect:
    """What is left goes to this port of the proxy; with `ports`, only what was meant for one of them."""

    to: int
    ports: tuple[int, ...] = ()


Rule = IgnoreUser | IgnoreGroup | IgnorePort | IgnoreNetwork | Redirect


@dataclass(frozen=True, slots=True)
class Plan:
    """The rules of each direction, in order; no ingress rules mean that inbound traffic is left alone."""

    egress: tuple[Rule, ...]
    ingress: tuple[Redirect, ...]
    is_ipv6: bool

    @property
    def proxy_ports(self) -> tuple[int, ...]:
        """Where connections are sent to."""
        return tuple(
            dict.fromkeys(rule.to for rule in (*self.egress, *self.ingress) if isinstance(rule, Redirect))
        )


@dataclass(frozen=True, slots=True)
class Installed:
    """What is in place, read back from the kernel; `text` is how the program there lists it.

    `strangers` are lines among our rules that we did not write. Draining: nothing new is sent to the proxy,
    what was sent before lives on.
    """

    plan: Plan
    where: str
    text: str
    is_draining: bool = False
    strangers: tuple[str, ...] = ()


def plan(wanted: Interception) -> Plan:
    """The rules of an interception; addresses of IPv6 count only where IPv6 is intercepted."""
    return Plan(egress=_egress(wanted), ingress=_ingress(wanted), is_ipv6=wanted.is_ipv6)


def _egress(wanted: Interception) -> tuple[Rule, ...]:
    """The exceptions, then the redirect."""
    networks = dict.fromkeys(
        net for net in wanted.ignored_networks if wanted.is_ipv6 or isinstance(net, ipaddress.IPv4Network)
    )
    return (
        *(() if wanted.ignored_uid is None else (IgnoreUser(wanted.ignored_uid),)),
        *(() if wanted.ignored_gid is None else (IgnoreGroup(wanted.ignored_gid),)),
        *map(IgnorePort, dict.fromkeys(wanted.ignored_ports)),
        *map(IgnoreNetwork, networks),
        Redirect(wanted.egress_port),
    )


def _ingress(wanted: Interception) -> tuple[Redirect, ...]:
    """The redirect of the workload's ports, if it has any."""
    if wanted.ingress_port is None or not wanted.app_ports:
        return ()
    return (Redirect(wanted.ingress_port, tuple(dict.fromkeys(wanted.app_ports))),)
