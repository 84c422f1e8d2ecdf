"""`gossamer serve` as it is, changed through its API as anybody would."""

import asyncio
import contextlib
import datetime
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp

from bench.computed import computed_s
from bench.fleet import Fleet, fleet
from bench.large_mesh import NAME, Made, mesh, route
from gossamer.model.kind import Kind

#: Two services, each with one route to two nodes.
SIZE: Final = 2
_CHANGED: Final = f"/v20190125/meshes/{NAME}/virtualRouter/r0/routes/t0"

#: A process that computes for less than this share of a while has done what there was to do.
_QUIET: Final = 0.1
_WHILE_S: Final = 0.05


@dataclass(slots=True)
class Gossamer:
    """A running control plane, and somebody who changes its route."""

    running: Fleet
    session: aiohttp.ClientSession
    streams: int
    weight: int = 0

    @property
    def target(self) -> str:
        """Its socket."""
        return self.running.target

    @property
    def process(self) -> int:
        """Its process."""
        return self.running.plane.process.pid

    async def change(self) -> None:
        """Write another weight; the answer comes once that is durable."""
        self.weight = self.weight % 100 + 1
        spec = route(0, 0, SIZE, weight=self.weight).spec
        async with self.session.put(self.running.plane.url + _CHANGED, json={"spec": spec}) as answer:
            if answer.status != 200:
                raise RuntimeError(await answer.text())

    async def finished(self) -> None:
        """Return once it computes no more; to be asked would take it time."""
        while True:
            before = computed_s(self.process)
            await asyncio.sleep(_WHILE_S)
            if computed_s(self.process) - before < _QUIET * _WHILE_S:
                return

    async def acknowledged(self) -> float:
        """What it tells of its proxies."""
        while True:
            async with self.session.get(f"{self.running.plane.url}/gossamer/v1/proxies") as answer:
                proxies = json.loads(await answer.text())["proxies"]
            if len(proxies) == self.streams and all(one["state"] == "in sync" for one in proxies):
                return max(_moment(one["types"]["route"]["acceptedAt"]) for one in proxies)


def _moment(text: str) -> float:
    return datetime.datetime.fromisoformat(text).timestamp()


@contextlib.asynccontextmanager
async def gossamer(directory: Path, streams: int) -> AsyncIterator[Gossamer]:
    """Ours, with a small mesh in it."""
    async with aiohttp.ClientSession() as session:
        with fleet(directory) as running:
            await running.write(_small())
            yield Gossamer(running, session, streams)


def _small() -> Iterator[Made]:
    return (one for one in mesh(SIZE) if one.kind is not Kind.ROUTE or one.name == "t0")
