"""Memory of the whole control plane, and what each connected proxy adds to it.

A mesh of 1,000 routes; first one proxy a node, so that everything is compiled, then more of each.
"""

import contextlib
import tempfile
from pathlib import Path
from typing import Final

from bench.crowd.crowd import running_crowd
from bench.crowd.member import ROUTE
from bench.fleet import filled, fleet
from bench.large_mesh import ROUTES, ROUTES_OUT, node_id
from bench.result import Growth, Result, Spread, at_most

SIZE: Final = 200
MORE: Final = (SIZE, 800, 2000)
KB_IN_A_MB: Final = 1024


async def memory() -> list[Result]:
    """Weigh the process as proxies come."""
    weights: dict[int, float] = {}
    with tempfile.TemporaryDirectory() as name:
        await filled(Path(name), SIZE)
        with fleet(Path(name)) as running:
            empty = running.memory_kb()
            async with contextlib.AsyncExitStack() as crowds:
                for more in MORE:
                    crowd = await crowds.enter_async_context(running_crowd())
                    nodes = [node_id(number) for number in range(SIZE)]
                    await crowd.join(running.target, more, nodes, {ROUTE: [ROUTES_OUT]})
                    count = sum(MORE[: len(weights) + 1])
                    await running.all_in_sync(count)
                    weights[count] = running.memory_kb()
    return _results(empty, weights)


def _results(empty: float, weights: dict[int, float]) -> list[Result]:
    first, middle, last = weights
    each = (weights[middle] - weights[first]) / (middle - first)
    settings: dict[str, str | int | float] = {"services": SIZE, "routes": SIZE * ROUTES}
    whole = [
        Result(
            f"whole control plane with {SIZE * ROUTES:,} routes and {count:,} proxies",
            "MB",
            Spread.of([kilobytes / KB_IN_A_MB]),
            goals=(at_most(256),) if count == middle else (),
            settings=settings,
            growth=Growth("memory", "gossamer serve", "proxies", count),
        )
        for count, kilobytes in weights.items()
    ]
    return [
        Result("memory of a connected proxy", "KB", Spread.of([each]), goals=(at_most(60),)),
        Result(
            f"memory of a connected proxy, from {middle:,} to {last:,}",
            "KB",
            Spread.of([(weights[last] - weights[middle]) / (last - middle)]),
        ),
        *whole,
        Result("the control plane with nobody connected", "MB", Spread.of([empty / KB_IN_A_MB])),
    ]
