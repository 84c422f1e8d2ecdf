"""How cost grows with the mesh: everything compiled from nothing, then one route changed.

Every service has a node, a router with five routes to two nodes, and ten backends; one proxy a node is
connected. Compiled and serialised in this process, so that nothing but our own work is measured.
"""

import gc
import time
from collections.abc import Iterator

from bench.result import Growth, Result, Spread, at_most
from gossamer.clock import SystemClock
from gossamer.compile.wish import NOTHING
from gossamer.model.kind import Kind, MeshKey, Ref
from gossamer.model.revision import Revision
from gossamer.runtime.reconcile import Reconciler
from gossamer.xds.hub import Hub
from gossamer.xds.node_id import NodeId
from gossamer.xds.status import ProxyStatus
from tests.support.meshes import revision
from tests.support.plane import ACCOUNT

SIZES = (10, 30, 100, 300, 1000, 3000)
#: What must be reached, and at which size.
JUDGED = 1000
GOALS = {"all proxies compiled": (at_most(5),), "one route changed": (at_most(5),)}
ROUTES = 5
BACKENDS = 10
CHANGES = 50
KEY = MeshKey(ACCOUNT, "large")
Change = tuple[Ref, Revision]


async def mesh_size() -> list[Result]:
    """Both for each size."""
    results = []
    for size in SIZES:
        cold_s, changes = _measured(size)
        place = f"{size:,} services, {size * ROUTES:,} routes"
        for what, unit, values in (
            ("all proxies compiled", "s", [cold_s]),
            ("one route changed", "ms", changes),
        ):
            growth = Growth(what.replace(" ", "-"), what, "services", size)
            goals = GOALS[what] if size == JUDGED else ()
            results.append(Result(f"{place}: {what}", unit, Spread.of(values), goals, growth=growth))
    return results


def _measured(size: int) -> tuple[float, list[float]]:
    reconciler = Reconciler(ACCOUNT)
    reconciler.apply(list(_mesh(size)))
    hub = Hub(reconciler, proxies_per_endpoint=1)
    gc.collect()
    begun = time.perf_counter()
    for number in range(size):
        hub.connect(NodeId(KEY.mesh, "virtualNode", f"n{number}"), NOTHING, _status(number), lambda: None)
    cold_s = time.perf_counter() - begun
    changes = []
    for step in range(CHANGES):
        changed = [_route(step % size, step % ROUTES, size, weight=step + 1)]
        begun = time.perf_counter()
        reconciler.apply(changed)
        changes.append((time.perf_counter() - begun) * 1000)
    return cold_s, changes


def _status(number: int) -> ProxyStatus:
    return ProxyStatus(number, f"n{number}", f"n{number}", "bench", "delta", SystemClock().now())


def _mesh(size: int) -> Iterator[Change]:
    yield _resource(Kind.MESH, KEY.mesh, {})
    for number in range(size):
        called = sorted({(number * 7 + step * 13 + 1) % size for step in range(BACKENDS)})
        backends = [{"virtualService": {"virtualServiceName": f"s{one}.local"}} for one in called]
        spec = {
            "backends": backends,
            "listeners": [{"portMapping": {"port": 8080, "protocol": "http"}}],
            "serviceDiscovery": {"dns": {"hostname": f"n{number}.local"}},
        }
        yield _resource(Kind.VIRTUAL_NODE, f"n{number}", spec)
        listener = {"portMapping": {"port": 80, "protocol": "http"}}
        yield _resource(Kind.VIRTUAL_ROUTER, f"r{number}", {"listeners": [listener]})
        provider = {"virtualRouter": {"virtualRouterName": f"r{number}"}}
        yield _resource(Kind.VIRTUAL_SERVICE, f"s{number}.local", {"provider": provider})
        for route in range(ROUTES):
            yield _route(number, route, size, weight=90)


def _route(number: int, route: int, size: int, *, weight: int) -> Change:
    targets = [
        {"virtualNode": f"n{number}", "weight": weight},
        {"virtualNode": f"n{(number + 1) % size}", "weight": 10},
    ]
    rule = {"match": {"prefix": f"/{route}/"}, "action": {"weightedTargets": targets}}
    return _resource(Kind.ROUTE, f"t{route}", {"priority": route, "httpRoute": rule}, f"r{number}")


def _resource(kind: Kind, name: str, spec: object, parent: str | None = None) -> Change:
    ref = Ref(ACCOUNT, KEY.mesh, kind, name, parent)
    return ref, revision(ref, kind, spec)
