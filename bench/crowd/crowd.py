"""A scenario's hold of a crowd's process."""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from bench.crowd.member import ROUTE, WHOLE

#: A crowd that computes for more of the time than this may be what took it.
BUSY: Final = 0.8


@dataclass(slots=True)
class Crowd:
    """A running crowd. `busiest` is the share of the time for which it computed, at most."""

    process: asyncio.subprocess.Process
    busiest: float = 0.0
    latest_s: float = 0.0
    reports: list[Mapping[str, Any]] = field(default_factory=list)

    async def join(
        self,
        target: str,
        count: int,
        nodes: Sequence[str],
        names: Mapping[str, Sequence[str]],
    ) -> float:
        """Connect members to `host:port` or `unix:path`; returns when the last had all that it asked for."""
        await self.begin_to_join(target, count, nodes, names)
        return await self.joined()

    async def begin_to_join(
        self,
        target: str,
        count: int,
        nodes: Sequence[str],
        names: Mapping[str, Sequence[str]],
    ) -> None:
        """Try to connect members until somebody is there; node ids take turns."""
        until = [*WHOLE, *names]
        await self._say("join", target=target, count=count, nodes=nodes, names=names, until=until)

    async def joined(self) -> float:
        """When the last one had all that it asked for."""
        return await self._moment("joined")

    async def arm(self, type_url: str = ROUTE) -> None:
        """Begin to wait for every member to hear of a type."""
        await self._say("arm", type=type_url)
        await self._report("armed")

    async def heard(self) -> float:
        """When the last one had, and had acknowledged it."""
        return await self._moment("heard")

    async def leave(self) -> None:
        """Drop every connection."""
        await self._say("leave")
        await self._report("left")

    async def rejoin(self) -> float:
        """Connect all again; returns when the last had said what it holds."""
        await self._say("rejoin")
        return await self._moment("rejoined")

    async def count(self) -> Mapping[str, Any]:
        """What came so far."""
        await self._say("count")
        return await self._report("count")

    def note(self) -> str:
        """Whether the crowd was what took the time."""
        told = f"The clients computed for at most {self.busiest:.0%} of the time"
        return f"{told}: they were the bottleneck." if self.busiest > BUSY else f"{told}."

    async def _say(self, command: str, **facts: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"command": command, **facts}).encode() + b"\n")
        await self.process.stdin.drain()

    async def _report(self, name: str) -> Mapping[str, Any]:
        assert self.process.stdout is not None
        line = await self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the crowd ended before it told {name}")
        report: Mapping[str, Any] = json.loads(line)
        if report["report"] != name:
            raise RuntimeError(f"the crowd told {report} instead of {name}")
        return report

    async def _moment(self, name: str) -> float:
        report = await self._report(name)
        self.busiest, self.latest_s = max(self.busiest, report["busy"]), max(self.latest_s, report["lag_s"])
        return float(report["at"])


@contextlib.asynccontextmanager
async def running_crowd() -> AsyncIterator[Crowd]:
    """A crowd without members yet, ended with the scenario."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bench.crowd.process",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield Crowd(process)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
