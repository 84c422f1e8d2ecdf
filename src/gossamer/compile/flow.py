"""What the statistics of a proxy's clusters are about: ProxyView -> Flow.

The names stand in `names`; here the values behind them are carried along, so that nobody has to parse them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from gossamer.compile import names
from gossamer.compile.cluster import egress_cluster_name, plain_name
from gossamer.mesh.view import NodeView, ProxyView


@dataclass(frozen=True, slots=True)
class Flow:
    """One cluster: the virtual node behind it, and how the cluster is called in load reports and statistics.

    `is_own` is that of the application beside the proxy. `service` is the virtual service whose requests it
    takes, empty if there are several.
    """

    cluster: str
    statistic: str
    node: str
    service: str = ""
    is_own: bool = False


def flows(view: ProxyView) -> tuple[Flow, ...]:
    """Every cluster that leads to a virtual node; a gateway's way to its own way out does not."""
    return (*_own(view), *_others(view))


def _own(view: ProxyView) -> Iterator[Flow]:
    if isinstance(view, NodeView):
        for listener in view.spec.listeners or ():
            mapping = listener.port_mapping
            name = names.ingress_cluster(view.mesh, view.node, mapping.protocol, mapping.port)
            yield Flow(name, name, view.node, is_own=True)


def _others(view: ProxyView) -> Iterator[Flow]:
    services: dict[str, set[str]] = {}
    for exit_ in view.exits():
        for route in exit_.routes:
            for target in route.targets:
                name = egress_cluster_name(view.mesh, target.destination)
                services.setdefault(name, set()).add(exit_.service)
    for place in view.destinations():
        name = egress_cluster_name(view.mesh, place)
        found = services.get(name, set())
        service = next(iter(found)) if len(found) == 1 else ""
        yield Flow(name, plain_name(view.mesh, place), place.node, service)
