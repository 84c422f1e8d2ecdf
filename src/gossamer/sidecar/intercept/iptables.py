"""Pure: rules to one transaction of iptables-restore a family, and back from how iptables-save lists them.

Where nftables is missing. With `--noflush` a script touches only what it names, is applied whole or not at
all, and naming a chain makes it, or empties it: what was ours goes and what is wanted comes in one step.

Source: App Mesh user guide, the rules of an EC2 instance, their chains and their order; iptables-restore(8);
iptables-extensions(8): multiport takes fifteen ports.
"""

import ipaddress
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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

EGRESS: Final = "APPMESH_EGRESS"
INGRESS: Final = "APPMESH_INGRESS"
CHAINS: Final = (INGRESS, EGRESS)
_PORTS_A_RULE: Final = 15
_IPV6: Final = 6

# Only a connection's first packet, for the reason that nft.py gives.
_OPENS: Final = "-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN"
_JUMPS: Final = {
    EGRESS: f"-A OUTPUT {_OPENS} -m addrtype ! --dst-type LOCAL -j {EGRESS}",
    INGRESS: f"-A PREROUTING {_OPENS} -m addrtype ! --src-type LOCAL -j {INGRESS}",
}


def wanted(plan: Plan, version: int) -> tuple[str, ...]:
    """The lines that one family must have; none for IPv6 where it is left alone."""
    if version == _IPV6 and not plan.is_ipv6:
        return ()
    egress = (f"-A {EGRESS} {line}" for line in _egress(plan.egress, version))
    ingress = (f"-A {INGRESS} {line}" for line in _ingress(plan.ingress))
    hooks = (_JUMPS[INGRESS],) if plan.ingress else ()
    return (*ingress, *egress, *hooks, _JUMPS[EGRESS])


def ours(saved: str) -> tuple[str, ...]:
    """Those lines of a listing that are ours: the rules of our chains, and the jumps to them."""
    return (*rules(saved), *jumps(saved))


def rules(saved: str) -> tuple[str, ...]:
    """The rules of our chains. Without the jumps they do nothing but keep the kernel rewriting."""
    return tuple(line for line in saved.splitlines() if line.startswith(tuple(f"-A {c} " for c in CHAINS)))


def jumps(saved: str) -> tuple[str, ...]:
    """What sends connections to our chains."""
    return tuple(line for line in saved.splitlines() if line.endswith(tuple(f"-j {c}" for c in CHAINS)))


def replacing(saved: str, lines: Sequence[str]) -> str:
    """The script that puts these lines in place of what a listing has of ours."""
    here = [chain for chain in CHAINS if f":{chain} " in saved]
    needed = [chain for chain in CHAINS if any(line.startswith(f"-A {chain} ") for line in lines)]
    script = (
        "*nat",
        *(f":{chain} - [0:0]" for chain in CHAINS if chain in here or chain in needed),
        *(line.replace("-A ", "-D ", 1) for line in jumps(saved)),
        *lines,
        *(f"-X {chain}" for chain in here if chain not in needed),
        "COMMIT",
    )
    return "\n".join((*script, ""))


def _egress(some: Iterable[Rule], version: int) -> Iterator[str]:
    """The rules of a direction; ports that follow each other share a rule."""
    for kind, group in itertools.groupby(some, type):
        if kind is IgnorePort:
            ports = [rule.port for rule in group if isinstance(rule, IgnorePort)]
            yield from (f"-p tcp -m multiport --dports {some} -j RETURN" for some in _slices(ports))
        else:
            yield from (_line(rule) for rule in group if _is_of(rule, version))


def _ingress(redirects: Iterable[Redirect]) -> Iterator[str]:
    """The redirects of the workload's own ports."""
    for rule in redirects:
        yield from (
            f"-p tcp -m multiport --dports {some} -j REDIRECT --to-ports {rule.to}"
            for some in _slices(rule.ports)
        )


def _slices(ports: Sequence[int]) -> Iterator[str]:
    """Ports as multiport takes them, fifteen at a time."""
    for start in range(0, len(ports), _PORTS_A_RULE):
        yield ",".join(map(str, ports[start : start + _PORTS_A_RULE]))


def _is_of(rule: Rule, version: int) -> bool:
    """Whether a rule means anything to a family."""
    return not isinstance(rule, IgnoreNetwork) or rule.network.version == version


def _line(rule: Rule) -> str:
    """One rule as iptables-save writes it."""
    match rule:
        case IgnoreUser(uid):
            return f"-m owner --uid-owner {uid} -j RETURN"
        case IgnoreGroup(gid):
            return f"-m owner --gid-owner {gid} -j RETURN"
        case IgnorePort(port):
            return f"-p tcp -m multiport --dports {port} -j RETURN"
        case IgnoreNetwork(network):
            # What contains everything is written without an address.
            return f"-d {network} -p tcp -j RETURN" if network.prefixlen else "-p tcp -j RETURN"
        case Redirect(to):
            return f"-p tcp -j REDIRECT --to-ports {to}"
        case _:
            assert_never(rule)


def installed(saved: Mapping[int, str], where: str) -> Installed | None:
    """What the listings of the families say; None when nothing of ours is there."""
    lines = {version: ours(text) for version, text in saved.items()}
    if not any(lines.values()):
        return None
    found: dict[str, dict[Rule, None]] = {EGRESS: {}, INGRESS: {}}
    strangers = []
    for version, line in ((version, line) for version, text in saved.items() for line in rules(text)):
        chain, some = _read(line, version)
        found[chain] |= dict.fromkeys(some)
        strangers += [] if some else [line]
    return Installed(
        _plan(found, is_ipv6=bool(lines.get(_IPV6))),
        where,
        text="".join(f"{line}\n" for some in lines.values() for line in some),
        is_draining=not any(map(jumps, saved.values())),
        strangers=tuple(strangers),
    )


def _plan(found: Mapping[str, Iterable[Rule]], *, is_ipv6: bool) -> Plan:
    """The rules of both families as one plan: the redirect is the last, and slices of ports are one again."""
    redirects = [rule for rule in found[INGRESS] if isinstance(rule, Redirect)]
    ports = tuple(port for rule in redirects for port in rule.ports)
    egress = sorted(found[EGRESS], key=lambda rule: isinstance(rule, Redirect))
    return Plan(tuple(egress), (Redirect(redirects[0].to, ports),) if redirects else (), is_ipv6=is_ipv6)


_READ: Final[tuple[tuple[re.Pattern[str], Callable[[str], tuple[Rule, ...]]], ...]] = (
    (re.compile(r"-m owner --uid-owner (\d+) -j RETURN"), lambda said: (IgnoreUser(int(said)),)),
    (re.compile(r"-m owner --gid-owner (\d+) -j RETURN"), lambda said: (IgnoreGroup(int(said)),)),
    (
        re.compile(r"-p tcp -m multiport --dports ([\d,]+) -j RETURN"),
        lambda said: tuple(IgnorePort(int(port)) for port in said.split(",")),
    ),
    (re.compile(r"-d (\S+) -p tcp -j RETURN"), lambda said: (IgnoreNetwork(ipaddress.ip_network(said)),)),
    (re.compile(r"-p tcp -j REDIRECT --to-ports (\d+)"), lambda said: (Redirect(int(said)),)),
)
_INGRESS: Final = re.compile(r"-p tcp -m multiport --dports ([\d,]+) -j REDIRECT --to-ports (\d+)")
_EVERYTHING: Final = {4: "0.0.0.0/0", 6: "::/0"}


def _read(line: str, version: int) -> tuple[str, tuple[Rule, ...]]:
    """The chain of a line, and the rules that it stands for; none for what we did not write."""
    _, chain, text = line.split(" ", 2)
    if found := _INGRESS.fullmatch(text):
        return chain, (Redirect(int(found[2]), tuple(map(int, found[1].split(",")))),)
    if text == "-p tcp -j RETURN":
        return chain, (IgnoreNetwork(ipaddress.ip_network(_EVERYTHING[version])),)
    for pattern, read in _READ:
        if found := pattern.fullmatch(text):
            return chain, read(found[1])
    return chain, ()
