"""Pure: rules to one transaction of nftables.

One table of our own holds everything, for IPv4 and IPv6, so that taking it away leaves what others made as it
was. A transaction that first removes and then adds makes enabling twice the same as once.

Source: nft(8): a script is applied whole or not at all; `priority -100` is where destinations are rewritten.
"""

from collections.abc import Iterator
from typing import Final, assert_never

from gossamer.sidecar.intercept.plan import (
    IgnoreGroup,
    IgnoreNetwork,
    IgnorePort,
    IgnoreUser,
    Plan,
    Redirect,
    Rule,
)

FAMILY: Final = "inet"
TABLE: Final = "gossamer_appmesh"

_IP: Final = {4: "ip", 6: "ip6"}

#: Named in a script before it is deleted, a table that is not there is no error.
_REMOVED: Final = (f"table {FAMILY} {TABLE}", f"delete table {FAMILY} {TABLE}")


def enabling(plan: Plan) -> str:
    """The script that puts the rules in place of any earlier ones."""
    return "\n".join((*_REMOVED, *_table(plan), ""))


def disabling() -> str:
    """The script that leaves no trace."""
    return "\n".join((*_REMOVED, ""))


def statement(rule: Rule) -> str:
    """One rule as nftables writes it."""
    match rule:
        case IgnoreUser(uid):
            return f"meta skuid {uid} return"
        case IgnoreGroup(gid):
            return f"meta skgid {gid} return"
        case IgnorePort(port):
            return f"tcp dport {port} return"
        case IgnoreNetwork(network):
            return f"{_IP[network.version]} daddr {network} return"
        case Redirect(to, ports) if ports:
            return f"tcp dport {{ {', '.join(map(str, ports))} }} redirect to :{to}"
        case Redirect(to):
            return f"meta l4proto tcp redirect to :{to}"
        case _:
            assert_never(rule)


def _table(plan: Plan) -> Iterator[str]:
    """The table: two chains that the kernel calls, and one for each direction that they jump to."""
    family = "" if plan.is_ipv6 else "meta nfproto ipv4 "
    yield f"table {FAMILY} {TABLE} {{"
    yield from _chain("egress", map(statement, plan.egress))
    yield from _hook("output", f"{family}meta l4proto tcp fib daddr type != local jump egress")
    if plan.ingress:
        yield from _chain("ingress", map(statement, plan.ingress))
        yield from _hook("prerouting", f"{family}meta l4proto tcp fib saddr type != local jump ingress")
    yield "}"


def _hook(name: str, jump: str) -> Iterator[str]:
    """A chain that the kernel calls for the first packet of every connection."""
    return _chain(name, iter((f"type nat hook {name} priority -100; policy accept;", jump)))


def _chain(name: str, statements: Iterator[str]) -> Iterator[str]:
    """One chain."""
    yield f"  chain {name} {{"
    for each in statements:
        yield f"    {each}"
    yield "  }"
