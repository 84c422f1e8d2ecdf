"""The servers whose fan-out is measured say when everybody has acknowledged a change, and not before."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bench.crowd.crowd import Crowd, running_crowd
from bench.crowd.member import ROUTE
from bench.large_mesh import ROUTES_OUT, node_id
from bench.push.gossamer import gossamer
from bench.push.server import Pushing, told
from gossamer.clock import SystemClock

COUNT = 10


@pytest.fixture(params=["canned", "gossamer"])
async def server(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Pushing]:
    socket = str(tmp_path / "canned.sock")
    canned = (sys.executable, "-m", "bench.push.canned", socket, ROUTES_OUT, "100")
    made = told(canned, socket, COUNT) if request.param == "canned" else gossamer(tmp_path, COUNT)
    async with made as server:
        yield server


async def test_a_change_is_told_as_acknowledged_by_all_once_it_is(server: Pushing) -> None:
    async with running_crowd() as crowd, asyncio.timeout(60):
        await crowd.join(server.target, COUNT, [node_id(0)], {ROUTE: [ROUTES_OUT]})
        for _ in range(2):
            await _round(server, crowd)
        assert (await crowd.count())["answers"] >= COUNT * (2 + 2)


async def _round(server: Pushing, crowd: Crowd) -> None:
    await crowd.arm()
    begun = _now()
    await server.change()
    heard = await crowd.heard()
    await server.finished()
    # Ours tells milliseconds.
    assert begun - 0.001 <= await server.acknowledged() <= _now()
    assert heard >= begun


def _now() -> float:
    return SystemClock().now().timestamp()
