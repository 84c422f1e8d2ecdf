"""A real control plane with a large mesh in it, and what is to be seen of it from outside."""

import asyncio
import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp

from bench import large_mesh
from bench.api.load import load
from bench.large_mesh import Made
from tests.support.control_plane import ControlPlane, running_control_plane

#: More proxies of one node than any scenario has.
MANY: Final = ("--proxies-per-endpoint", "10000")

_IN_SYNC: Final = re.compile(r'^gossamer_proxies\{state="in_sync"\} (\S+)$', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Fleet:
    """A running `gossamer serve`, seen from outside."""

    plane: ControlPlane

    @property
    def target(self) -> str:
        """Where proxies connect."""
        return f"unix:{self.plane.socket}"

    def memory_kb(self) -> float:
        """What the process holds in memory."""
        status = Path(f"/proc/{self.plane.process.pid}/status").read_text()
        (kilobytes,) = [line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")]
        return float(kilobytes)

    async def in_sync(self) -> int:
        """How many proxies run all that is published."""
        asked = f"{self.plane.url}/metrics?name[]=gossamer_proxies"
        async with aiohttp.ClientSession() as session, session.get(asked) as answer:
            found = _IN_SYNC.search(await answer.text())
        return int(float(found[1])) if found else 0

    async def all_in_sync(self, count: int, every_s: float = 0.2) -> None:
        """Return once so many are."""
        while await self.in_sync() < count:
            await asyncio.sleep(every_s)

    async def write(self, made: Iterator[Made]) -> None:
        """Create resources through the API, the first before all others, each kind's parents before it."""
        listed = [one.request() for one in made]
        await load(self.plane.url, listed[:1], 1)
        await load(self.plane.url, listed[1:])


@contextlib.contextmanager
def fleet(directory: Path) -> Iterator[Fleet]:
    """`gossamer serve` on a directory; what is in it already is served again."""
    with running_control_plane(directory, *MANY) as plane:
        yield Fleet(plane)


async def filled(directory: Path, size: int, *more: Made) -> None:
    """Leave a mesh of that size in a directory."""
    with fleet(directory) as running:
        await running.write(iter([*large_mesh.mesh(size), *more]))
