"""Pure: rules to one transaction of nftables, and back from how nft lists them.

One table of our own holds everything, for IPv4 and IPv6, so that taking it away leaves what others made as it
was. A transaction that first removes and then adds makes enabling twice the same as once.

Only a connection's first packet is looked at (SYN alone): where nothing followed connections before, the
kernel meets those that are open already in their middle, and would send them to a proxy that knows nothing
of them.

Source: nft(8): a script is applied whole or not at all; `priority -100` is where destinations are rewritten.
docs/decisions/055-connections-survive-interception.md for what becomes of open connections.
"""

import ipaddress
import re
from collections.abc import Callable, Iterator
from typing import Final, assert_never

from gossamer.sidecar.intercept.plan import (
    IgnoreGroup,
    IgnoreNetwork,
    IgnorePort,
    IgnoreUser,
    Installed,
    Plan,
    Redirect,
    Rule,
)

FAMILY: Final = "inet"
TABLE: Final = "gossamer_appmesh"

_IP: Final = {4: "ip", 6: "ip6"}
_OPENS: Final = "tcp flags & (fin | syn | rst | ack) == syn"
_IPV4_ONLY: Final = "meta nfproto ipv4 "
_HOOKS: Final = ("output", "prerouting")

#: Named in a script before it is deleted, a table that is not there is no error.
_REMOVED: Final = (f"table {FAMILY} {TABLE}", f"delete table {FAMILY} {TABLE}")


def enabling(plan: Plan) -> str:
    """The script that puts the rules in place of any earlier ones."""
    return "\n".join((*_REMOVED, *_table(plan), ""))


def draining(installed: Installed) -> str:
    """The script that sends nothing new to the proxy, and keeps the kernel rewriting what it was sent.

    The rules that rewrite stay, though nothing leads to them, and so do the chains that the kernel calls:
    with the last of either it would forget what it rewrote.
    """
    hooks = _HOOKS if installed.plan.ingress else _HOOKS[:1]
    return "".join(f"flush chain {FAMILY} {TABLE} {hook}\n" for hook in hooks)


def removing() -> str:
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
    family = "" if plan.is_ipv6 else _IPV4_ONLY
    yield f"table {FAMILY} {TABLE} {{"
    yield from _chain("egress", map(statement, plan.egress))
    yield from _hook("output", f"{family}{_OPENS} fib daddr type != local jump egress")
    if plan.ingress:
        yield from _chain("ingress", map(statement, plan.ingress))
        yield from _hook("prerouting", f"{family}{_OPENS} fib saddr type != local jump ingress")
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


def installed(listing: str) -> Installed:
    """What a listing of our table says."""
    rules: dict[str, list[Rule]] = {"egress": [], "ingress": []}
    strangers = []
    for chain, line in _lines(listing):
        rule = _rule(line)
        if chain in rules and rule is not None:
            rules[chain].append(rule)
        elif _is_strange(chain, line):
            strangers.append(line)
    redirects = (rule for rule in rules["ingress"] if isinstance(rule, Redirect))
    return Installed(
        plan=Plan(tuple(rules["egress"]), tuple(redirects), is_ipv6=_IPV4_ONLY not in listing),
        where=f"nftables, table {FAMILY} {TABLE}",
        text=listing,
        is_draining="jump egress" not in listing,
        strangers=tuple(strangers),
    )


def _lines(listing: str) -> Iterator[tuple[str, str]]:
    """Every rule with the chain that it is in; a set may run over several lines."""
    chain = ""
    for line in re.sub(r",\n\s*", ", ", listing).splitlines():
        text = line.strip()
        if opened := re.fullmatch(r"chain (\S+) \{", text):
            chain = opened[1]
        elif text not in {"", "}"} and not text.startswith(("table ", "type ")):
            yield chain, text


def _is_strange(chain: str, line: str) -> bool:
    """Whether a line is none that we write: neither a rule of ours nor the jump of a hook."""
    return not (chain in _HOOKS and line.endswith(("jump egress", "jump ingress")))


_READ: Final[tuple[tuple[re.Pattern[str], Callable[[str], Rule]], ...]] = (
    (re.compile(r"meta skuid (\d+) return"), lambda said: IgnoreUser(int(said))),
    (re.compile(r"meta skgid (\d+) return"), lambda said: IgnoreGroup(int(said))),
    (re.compile(r"tcp dport (\d+) return"), lambda said: IgnorePort(int(said))),
    (re.compile(r"ip6? daddr (\S+) return"), lambda said: IgnoreNetwork(ipaddress.ip_network(said))),
    (re.compile(r"meta l4proto tcp redirect to :(\d+)"), lambda said: Redirect(int(said))),
)
_INGRESS: Final = re.compile(r"tcp dport (?:\{ )?([\d, ]+?)(?: \})? redirect to :(\d+)")


def _rule(line: str) -> Rule | None:
    """The rule that a line of a listing is; None for what is none of ours."""
    if found := _INGRESS.fullmatch(line):
        return Redirect(int(found[2]), tuple(map(int, found[1].split(", "))))
    for pattern, read in _READ:
        if found := pattern.fullmatch(line):
            return read(found[1])
    return None
