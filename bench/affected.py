"""How the cost of one change grows with the proxies that it touches, in a mesh that stays as large as it is.

Of 1,000 services with five routes and ten backends each, some call one service more; a route of that changes.
"""

from collections.abc import Iterator
from typing import Final

from bench.compiling import Compiling
from bench.large_mesh import BACKENDS, Made, mesh, node, route
from bench.result import Growth, Result, Spread
from gossamer.model.kind import Kind

SIZE: Final = 1000
#: How many proxies call the service, and how often its route changes.
CALLERS: Final = {1: 50, 10: 50, 100: 50, 1000: 10}
#: The first of all is the one that only these call.
CALLED: Final = 0


async def affected() -> list[Result]:
    """For each number of proxies."""
    return [result for callers in CALLERS for result in _measured(callers)]


def _measured(callers: int) -> Iterator[Result]:
    compiling = Compiling(_mesh(callers))
    compiling.connect(SIZE)
    changes = (route(CALLED, 0, SIZE, weight=step + 1) for step in range(CALLERS[callers]))
    times = compiling.change(changes)
    what = f"one route changed that {callers:,} of {SIZE:,} proxies look at"
    for said, values in (("", times.wall_ms), (": processor time", times.processor_ms)):
        line = "processor time" if said else "until all is published"
        growth = Growth("one-route-changed-for-more-proxies", line, "proxies that look at it", callers)
        yield Result(what + said, "ms", Spread.of(values), growth=growth)


def _mesh(callers: int) -> Iterator[Made]:
    """A large mesh in which no node calls that service but the first so many."""
    for one in mesh(SIZE):
        if one.kind is not Kind.VIRTUAL_NODE:
            yield one
    for number in range(SIZE):
        others = {(number * 7 + step * 13) % (SIZE - 1) + 1 for step in range(BACKENDS)}
        yield node(number, sorted({*others, CALLED} if number < callers else others))
