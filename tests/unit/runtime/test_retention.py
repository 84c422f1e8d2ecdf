"""Of what is there no more nothing is kept, however many names and values were seen."""

import gc
from collections.abc import Callable

from gossamer.clock import SystemClock
from gossamer.compile.memory import NAMES
from gossamer.compile.wish import NOTHING
from gossamer.model.kind import Kind, Ref
from gossamer.runtime.flows import Flows
from gossamer.runtime.reconcile import Reconciler
from gossamer.xds.hub import Hub
from gossamer.xds.node_id import NodeId
from gossamer.xds.status import ProxyStatus
from tests.support.meshes import revision
from tests.support.plane import ACCOUNT

FRONT = NodeId("m", "virtualNode", "front")

#: More than anything that is meant to be remembered of the latest.
WARM, MEASURED = NAMES + 10, 200


class Proxies:
    """A reconciler and a hub, and what happens to them."""

    def __init__(self) -> None:
        self.reconciler = Reconciler(ACCOUNT)
        self.hub = Hub(self.reconciler, proxies_per_endpoint=10, roll=self.reconciler)
        self.flows = Flows(self.reconciler.views, ACCOUNT)
        self.streams = 0
        self.write("m", Kind.MESH, "m", {})
        self.calls("orders")
        self.connect(FRONT)

    def write(self, mesh: str, kind: Kind, name: str, spec: object, parent: str | None = None) -> None:
        """Write a resource; no spec takes it away."""
        ref = Ref(ACCOUNT, mesh, kind, name, parent)
        self.reconciler.apply([(ref, None if spec is None else revision(ref, kind, spec))])

    def calls(self, *services: str) -> None:
        """What the node that is served calls."""
        backends = [{"virtualService": {"virtualServiceName": name}} for name in services]
        self.write("m", Kind.VIRTUAL_NODE, "front", {"backends": backends})

    def connect(self, node: NodeId) -> Callable[[], None]:
        """A proxy that connects, and what makes it leave."""
        self.streams += 1
        status = ProxyStatus(self.streams, str(node), "", "1.40.0", "delta", SystemClock().now())
        connection = self.hub.connect(node, NOTHING, status, lambda: None)
        assert self.flows(node) is self.flows(node)
        return lambda: self.hub.disconnect(connection)

    def kept(self, happens: Callable[[int], None]) -> int:
        """How many more objects there are after something happened so many times than after fewer."""
        for number in range(WARM):
            happens(number)
        before = _objects()
        for number in range(WARM, WARM + MEASURED):
            happens(number)
        return _objects() - before


def _objects() -> int:
    gc.collect()
    return len(gc.get_objects())


def node(port: int) -> object:
    return {
        "listeners": [{"portMapping": {"port": port, "protocol": "http"}}],
        "serviceDiscovery": {"dns": {"hostname": "h.test"}},
    }


def route(target: str, timeout_ms: int) -> object:
    return {
        "httpRoute": {
            "match": {"prefix": "/"},
            "action": {"weightedTargets": [{"virtualNode": target, "weight": 1}]},
            "timeout": {"perRequest": {"unit": "ms", "value": timeout_ms}},
        }
    }


ROUTER = {"listeners": [{"portMapping": {"port": 80, "protocol": "http"}}]}


def service(proxies: Proxies, name: str, number: int) -> None:
    proxies.write("m", Kind.VIRTUAL_NODE, name, node(1024 + number))
    proxies.write("m", Kind.VIRTUAL_ROUTER, name, ROUTER)
    proxies.write("m", Kind.ROUTE, "all", route(name, number), name)
    provider = {"virtualRouter": {"virtualRouterName": name}}
    proxies.write("m", Kind.VIRTUAL_SERVICE, name, {"provider": provider})


def test_a_value_that_was_replaced_leaves_nothing_behind() -> None:
    proxies = Proxies()
    assert proxies.kept(lambda number: service(proxies, "orders", number)) < MEASURED / 2


def test_a_service_that_came_and_went_leaves_nothing_behind() -> None:
    proxies = Proxies()

    def comes_and_goes(number: int) -> None:
        name = f"s{number}"
        service(proxies, name, number)
        proxies.calls("orders", name)
        proxies.calls("orders")
        for kind, parent in (
            (Kind.VIRTUAL_SERVICE, None),
            (Kind.ROUTE, name),
            (Kind.VIRTUAL_ROUTER, None),
            (Kind.VIRTUAL_NODE, None),
        ):
            proxies.write("m", kind, "all" if kind is Kind.ROUTE else name, None, parent)

    assert proxies.kept(comes_and_goes) < MEASURED / 2


def test_a_mesh_that_came_and_went_with_its_proxies_leaves_nothing_behind() -> None:
    proxies = Proxies()

    def comes_and_goes(number: int) -> None:
        mesh = f"m{number}"
        proxies.write(mesh, Kind.MESH, mesh, {})
        proxies.write(mesh, Kind.VIRTUAL_NODE, "n", node(8080))
        leave = proxies.connect(NodeId(mesh, "virtualNode", "n"))
        proxies.write(mesh, Kind.VIRTUAL_NODE, "n", node(8081))
        leave()
        proxies.reconciler.sweep()
        proxies.write(mesh, Kind.VIRTUAL_NODE, "n", None)
        proxies.write(mesh, Kind.MESH, mesh, None)

    assert proxies.kept(comes_and_goes) < MEASURED / 2


def test_a_proxy_that_came_and_went_leaves_nothing_behind() -> None:
    proxies = Proxies()
    assert proxies.kept(lambda _: proxies.connect(FRONT)()) < MEASURED / 2
