"""A control plane is killed and comes back: five thousand proxies reconnect at the same moment.

Nothing changed meanwhile, and each says what it holds. While they do, somebody goes on using the API.
"""

import asyncio
import contextlib
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import aiohttp

from bench.crowd.crowd import Crowd, running_crowd
from bench.crowd.member import ROUTE
from bench.fleet import Fleet, filled, fleet
from bench.large_mesh import NAME, ROUTES_OUT, node_id
from bench.result import Result, Spread, at_least, at_most

PROXIES: Final = 5000
SIZE: Final = 200
ROUNDS: Final = 2


class _Seen:
    """What the rounds came to."""

    def __init__(self) -> None:
        self.first_s: list[float] = []
        self.back_s: list[float] = []
        self.answers: list[float] = []
        self.resources: list[float] = []
        self.connected: list[float] = []
        self.calls_ms: list[float] = []


async def storm() -> list[Result]:
    """All connect for the first time; then, again and again, the control plane dies and comes back."""
    seen = _Seen()
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        await filled(directory, SIZE)
        async with running_crowd() as crowd:
            with fleet(directory) as running:
                nodes = [node_id(number) for number in range(SIZE)]
                begun = time.time()
                await crowd.join(running.target, PROXIES, nodes, {ROUTE: [ROUTES_OUT]})
                seen.first_s.append(time.time() - begun)
                await running.all_in_sync(PROXIES)
                running.plane.kill()
            for _ in range(ROUNDS):
                await _comes_back(directory, crowd, seen)
    return _results(seen, crowd)


async def _comes_back(directory: Path, crowd: Crowd, seen: _Seen) -> None:
    """One restart, from the moment when it serves again."""
    before = await crowd.count()
    await crowd.leave()
    with fleet(directory) as running:
        async with _somebody_calls(running, seen.calls_ms):
            begun = time.monotonic()
            await crowd.rejoin()
            await running.all_in_sync(PROXIES)
            seen.back_s.append(time.monotonic() - begun)
        after = await crowd.count()
        seen.answers.append(after["answers"] - before["answers"])
        seen.resources.append(after["resources"] - before["resources"])
        seen.connected.append(after["connected"])
        running.plane.kill()


@contextlib.asynccontextmanager
async def _somebody_calls(running: Fleet, taken_ms: list[float]) -> AsyncIterator[None]:
    """Reads through the API, twenty times a second."""

    async def calls() -> None:
        async with aiohttp.ClientSession() as session:
            while True:
                begun = time.perf_counter()
                async with session.get(f"{running.plane.url}/v20190125/meshes/{NAME}") as answer:
                    assert answer.status == 200
                taken_ms.append((time.perf_counter() - begun) * 1000)
                await asyncio.sleep(0.05)

    async with asyncio.TaskGroup() as tasks:
        calling = tasks.create_task(calls())
        yield
        calling.cancel()


def _results(seen: _Seen, crowd: Crowd) -> list[Result]:
    settings: dict[str, str | int | float] = {"proxies": PROXIES, "services": SIZE}
    return [
        Result(
            f"{PROXIES:,} proxies reconnect to a restarted control plane: all in sync",
            "s",
            Spread.of(seen.back_s),
            goals=(at_most(5),),
            settings=settings,
            note=crowd.note(),
        ),
        Result("the same: resources sent again", "", Spread.of(seen.resources), goals=(at_most(0),)),
        Result("the same: proxies connected", "", Spread.of(seen.connected), goals=(at_least(PROXIES),)),
        Result("the same: a read through the API meanwhile", "ms", Spread.of(seen.calls_ms)),
        Result(f"{PROXIES:,} proxies connect with nothing: all configured", "s", Spread.of(seen.first_s)),
    ]
