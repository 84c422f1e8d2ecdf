"""How cost grows with the mesh: everything compiled from nothing, then one route changed.

Every service has a node, a router with five routes to two nodes, and ten backends; one proxy a node is
connected, so that a change touches eleven of them in a mesh of any size.
"""

from collections.abc import Iterator

from bench.compiling import Compiling
from bench.large_mesh import ROUTES, mesh, route
from bench.result import Growth, Result, Spread, at_most

SIZES = (10, 30, 100, 300, 1000, 3000)
#: What must be reached, and at which size.
JUDGED = 1000
GOAL = (at_most(5),)
CHANGES = 50


async def mesh_size() -> list[Result]:
    """Both for each size."""
    return [result for size in SIZES for result in _measured(size)]


def _measured(size: int) -> Iterator[Result]:
    place = f"{size:,} services, {size * ROUTES:,} routes"
    compiling = Compiling(mesh(size))
    cold_s = compiling.connect(size)
    goals = GOAL if size == JUDGED else ()
    growth = Growth("all-proxies-compiled", "all proxies compiled", "services", size)
    yield Result(f"{place}: all proxies compiled", "s", Spread.of([cold_s]), goals, growth=growth)
    changes = (route(step % size, step % ROUTES, size, weight=step + 1) for step in range(CHANGES))
    times = compiling.change(changes)
    growth = Growth("one-route-changed", "one route changed", "services", size)
    yield Result(f"{place}: one route changed", "ms", Spread.of(times.wall_ms), goals, growth=growth)
    if goals:
        yield Result("processor time of it", "ms", Spread.of(times.processor_ms))
