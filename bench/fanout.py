"""One route changes → every delta stream has the new routes and has acknowledged them.

The clock starts when somebody begins to tell the server, and stops when it has heard the last
acknowledgement. Every server is a process of its own, serves as many bytes to the same clients, and they take
turns.
"""

import contextlib
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bench.computed import computed_s
from bench.crowd.crowd import Crowd, running_crowd
from bench.crowd.member import ROUTE
from bench.large_mesh import ROUTES_OUT, node_id
from bench.peer.build import Missing, built
from bench.push.gossamer import gossamer
from bench.push.server import Pushing, told
from bench.result import Baseline, Goal, Growth, Result, Spread, at_most

SIZES: Final = (100, 300, 1000, 3000)
GOALS: Final[dict[int, Goal]] = {1000: at_most(100), 3000: at_most(350)}
ROUNDS: Final = 15

CANNED: Final = "canned bytes"
PEER: Final = "go-control-plane"


@dataclass(slots=True)
class Side:
    """One server with its crowd, and what was measured of it."""

    name: str
    server: Pushing
    crowd: Crowd
    streams: int
    taken_ms: list[float] = field(default_factory=list)
    computed_us: list[float] = field(default_factory=list)

    async def round(self) -> None:
        """One change, from its telling to the last acknowledgement."""
        await self.crowd.arm()
        begun, computed = time.time(), computed_s(self.server.process)
        await self.server.change()
        await self.crowd.heard()
        await self.server.finished()
        self.computed_us.append((computed_s(self.server.process) - computed) * 1e6 / self.streams)
        self.taken_ms.append((await self.server.acknowledged() - begun) * 1000)

    async def warm(self) -> int:
        """One change that does not count; how many bytes of it each client took."""
        before = await self.crowd.count()
        await self.round()
        after = await self.crowd.count()
        self.taken_ms.clear()
        self.computed_us.clear()
        return int(after["received"] - before["received"]) // self.streams


async def fanout() -> list[Result]:
    """Every size in turn."""
    try:
        peer = (str(built()),)
    except Missing as missing:
        return [result for streams in SIZES for result in await _measured(streams, (), str(missing))]
    return [result for streams in SIZES for result in await _measured(streams, peer)]


async def _measured(streams: int, peer: tuple[str, ...], missing: str = "") -> list[Result]:
    with tempfile.TemporaryDirectory() as name:
        async with AsyncExitStack() as stack:
            ours = await stack.enter_async_context(_ours(Path(name), streams))
            size = await ours.warm()
            commands = {CANNED: (sys.executable, "-m", "bench.push.canned"), **({PEER: peer} if peer else {})}
            others = [
                await stack.enter_async_context(_other(one, command, Path(name), streams, size))
                for one, command in commands.items()
            ]
            for one in others:
                await one.warm()
            for _ in range(ROUNDS):
                for side in (ours, *others):
                    await side.round()
    return _results(ours, others, size, missing)


def _results(ours: Side, others: list[Side], size: int, missing: str) -> list[Result]:
    streams = ours.streams
    wide = f"one route change → {streams:,} delta streams have acknowledged it"
    return [
        Result(
            wide,
            "ms",
            Spread.of(ours.taken_ms),
            goals=(GOALS[streams],) if streams in GOALS else (),
            baselines=tuple(Baseline(one.name, Spread.of(one.taken_ms)) for one in others),
            settings={"bytes of a change at a client": size},
            growth=Growth("fan-out", "gossamer", "streams", streams),
            note=" ".join(filter(None, (ours.crowd.note(), missing))),
        ),
        Result(
            f"{wide}: processor time a stream",
            "µs",
            Spread.of(ours.computed_us),
            baselines=tuple(Baseline(one.name, Spread.of(one.computed_us)) for one in others),
        ),
    ]


@contextlib.asynccontextmanager
async def _ours(directory: Path, streams: int) -> AsyncIterator[Side]:
    async with gossamer(directory, streams) as server, _joined("gossamer", server, streams) as side:
        yield side


@contextlib.asynccontextmanager
async def _other(
    name: str, command: tuple[str, ...], directory: Path, streams: int, size: int
) -> AsyncIterator[Side]:
    socket = directory / f"{name.partition(' ')[0]}.sock"
    whole = (*command, str(socket), ROUTES_OUT, str(size))
    async with told(whole, str(socket), streams) as server, _joined(name, server, streams) as side:
        yield side


@contextlib.asynccontextmanager
async def _joined(name: str, server: Pushing, streams: int) -> AsyncIterator[Side]:
    """A server with its crowd, which has all that it asked for."""
    async with running_crowd() as crowd:
        await crowd.join(server.target, streams, [node_id(0)], {ROUTE: [ROUTES_OUT]})
        yield Side(name, server, crowd, streams)
