"""Pure: what is in place, told in sentences."""

from collections.abc import Iterator, Sequence
from typing import Final

from gossamer.sidecar.intercept.plan import (
    IgnoreGroup,
    IgnoreNetwork,
    IgnorePort,
    IgnoreUser,
    Installed,
    Plan,
    Redirect,
)

NOT_INTERCEPTED: Final = "Traffic is not intercepted.\n"


def told(installed: Installed | None, connections: int) -> str:
    """What is in place; `connections` are those that the proxy holds."""
    if installed is None:
        return NOT_INTERCEPTED
    if installed.is_draining:
        return f"{NOT_INTERCEPTED}{left(connections)}"
    return "".join(f"{line}\n" for line in _lines(installed))


def left(connections: int) -> str:
    """What disabling left behind, and why."""
    return (
        f"{connections} connections opened before still go through the proxy; idle rules keep them alive."
        " `gossamer intercept disable` takes these away once the connections have ended, `--now` at once.\n"
    )


def _lines(installed: Installed) -> Iterator[str]:
    """A line for each thing that one must know."""
    plan = installed.plan
    families = "IPv4 and IPv6" if plan.is_ipv6 else "IPv4; IPv6 passes untouched"
    yield f"Traffic is intercepted ({installed.where}): TCP over {families}."
    for rule in plan.egress:
        if isinstance(rule, Redirect):
            exceptions = "; ".join(_exceptions(plan))
            but = f", except {exceptions}" if exceptions else ""
            yield f"Outbound: what goes to other machines is sent to the proxy at port {rule.to}{but}."
    for rule in plan.ingress:
        opened = f"what other machines open to {_ports(rule.ports)}"
        yield f"Inbound: {opened} is sent to the proxy at port {rule.to}."
    if not plan.ingress:
        yield "Inbound: nothing is sent to the proxy."
    for line in installed.strangers:
        yield f"Among these stands a rule of another's making: {line}"


def _exceptions(plan: Plan) -> Iterator[str]:
    """Whose traffic and which passes."""
    for rule in plan.egress:
        if isinstance(rule, IgnoreUser):
            yield f"what user {rule.uid} opens"
        elif isinstance(rule, IgnoreGroup):
            yield f"what group {rule.gid} opens"
    ports = [rule.port for rule in plan.egress if isinstance(rule, IgnorePort)]
    if ports:
        yield f"what goes to {_ports(ports)}"
    networks = [rule.network for rule in plan.egress if isinstance(rule, IgnoreNetwork)]
    if networks:
        shown = (str(net.network_address) if net.num_addresses == 1 else str(net) for net in networks)
        yield f"what goes to {', '.join(shown)}"


def _ports(ports: Sequence[int]) -> str:
    """Ports by number."""
    return f"port{'s' if len(ports) > 1 else ''} {', '.join(map(str, ports))}"
