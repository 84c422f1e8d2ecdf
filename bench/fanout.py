"""One route changes → every delta stream has the new routes and has acknowledged them.

The clock stops when the server has heard the last acknowledgement. The baseline sends bytes that were made
before, over the same gRPC server, to the same clients; the two take turns.
"""

import asyncio
import contextlib
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bench.canned import canned_server
from bench.crowd.crowd import Crowd, running_crowd
from bench.crowd.member import ROUTE
from bench.result import Baseline, Goal, Growth, Result, Spread, at_most
from bench.silence import silence
from tests.e2e.test_canary import route, simpleapp
from tests.support.plane import running_plane

SIZES: Final = (100, 300, 1000, 3000)
GOALS: Final = {1000: (at_most(100),), 3000: (at_most(350),)}
ROUNDS: Final = 25
NODE: Final = "mesh/simpleapp/virtualNode/a"
ROUTES: Final = "rds_egress_http_80"

#: The size of the changed route configuration, for the baseline to send as much.
BODY: Final = b"x" * 1000


@dataclass(slots=True)
class Side:
    """One server with its crowd: how to change something, and how to tell that all have acknowledged it."""

    crowd: Crowd
    change: Callable[[int], Awaitable[None]]
    is_done: Callable[[], bool]
    taken_ms: list[float] = field(default_factory=list)
    computed_us: list[float] = field(default_factory=list)

    async def round(self, step: int, streams: int) -> None:
        """One change, from its making to the last acknowledgement."""
        await self.crowd.arm()
        begun, computed = time.monotonic(), time.process_time()
        await self.change(step)
        await self.crowd.heard()
        while not self.is_done():
            await asyncio.sleep(0.001)
        self.taken_ms.append((time.monotonic() - begun) * 1000)
        self.computed_us.append((time.process_time() - computed) * 1e6 / streams)


async def fanout() -> list[Result]:
    """Every size in turn."""
    silence()
    return [result for streams in SIZES for result in await _measured(streams)]


async def _measured(streams: int) -> list[Result]:
    with tempfile.TemporaryDirectory() as name:
        async with _gossamer(Path(name), streams) as ours, _canned(Path(name), streams) as canned:
            for step in range(ROUNDS):
                await ours.round(step, streams)
                await canned.round(step, streams)
    settings: dict[str, str | int | float] = {"bytes of a route configuration": len(BODY)}
    wide = f"one route change → {streams:,} delta streams have acknowledged it"
    return [
        Result(
            wide,
            "ms",
            Spread.of(ours.taken_ms),
            goals=_goals(streams),
            baselines=(Baseline("canned bytes", Spread.of(canned.taken_ms)),),
            settings=settings,
            growth=Growth("fan-out", "gossamer", "streams", streams),
            note=ours.crowd.note(),
        ),
        Result(
            f"{wide}: processor time a stream",
            "µs",
            Spread.of(ours.computed_us),
            baselines=(Baseline("canned bytes", Spread.of(canned.computed_us)),),
        ),
    ]


def _goals(streams: int) -> tuple[Goal, ...]:
    return GOALS.get(streams, ())


@contextlib.asynccontextmanager
async def _gossamer(directory: Path, streams: int) -> AsyncIterator[Side]:
    async with running_plane(directory, proxies_per_endpoint=streams) as plane, running_crowd() as crowd:
        plane.show(simpleapp())
        await crowd.join(f"unix:{plane.socket}", streams, [NODE], {ROUTE: [ROUTES]})
        proxies = plane.proxies()

        async def change(step: int) -> None:
            plane.apply([route(v1=step + 1, v2=100)])

        yield Side(crowd, change, lambda: all(one.in_sync for one in proxies))


@contextlib.asynccontextmanager
async def _canned(directory: Path, streams: int) -> AsyncIterator[Side]:
    socket = directory / "canned.sock"
    async with canned_server(socket, ROUTES, BODY) as canned, running_crowd() as crowd:
        await crowd.join(f"unix:{socket}", streams, [NODE], {ROUTE: [ROUTES]})
        wanted = 3 * streams

        async def change(step: int) -> None:
            nonlocal wanted
            wanted += streams
            await canned.push(str(step))

        yield Side(crowd, change, lambda: canned.acks >= wanted)
