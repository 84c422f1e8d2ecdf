"""The crowd's process: `python -m bench.crowd.process`, commands in and reports out, a line of JSON each.

join     so many members connect at once                    → joined, when each has all that it asked for
leave    all drop their connections                          → left
rejoin   all connect again, with what they hold              → rejoined, when each has subscribed
arm      from now on, members that hear of a type are told apart → armed, then heard, when each has
count    what came so far                                    → count

A report of `joined`, `rejoined` and `heard` tells when the last one did, and how busy this process was from
the command on: near 1, the crowd was what took the time.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import uvloop

from bench.crowd.call import opening
from bench.crowd.member import Member

PATH: Final = "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources"

#: How soon a member that could not connect tries again.
RETRY_S: Final = 0.005

#: How often this process looks whether it is late.
TICK_S: Final = 0.01


@dataclass(slots=True)
class Watch:
    """How busy this process is, and how late it gets round to things."""

    begun: float = field(default_factory=time.monotonic)
    computed: float = field(default_factory=time.process_time)
    latest_s: float = 0.0

    def report(self) -> dict[str, float]:
        """Since the watch began."""
        wall = time.monotonic() - self.begun
        return {"busy": (time.process_time() - self.computed) / max(wall, 1e-6), "lag_s": self.latest_s}


class Crowd:
    """All members."""

    def __init__(self) -> None:
        self._members: list[Member] = []
        self._target = ""
        self._watch = Watch()
        self._awaited: set[Member] = set()
        self._reported = ""
        self._is_there: Callable[[Member, str], bool] = _never

    async def tick(self) -> None:
        """Notice for ever how late this process is."""
        while True:
            due = time.monotonic() + TICK_S
            await asyncio.sleep(TICK_S)
            self._watch.latest_s = max(self._watch.latest_s, time.monotonic() - due)

    async def join(self, asked: Mapping[str, Any]) -> None:
        """Connect members; node ids take turns."""
        self._target = asked["target"]
        nodes, names = asked["nodes"], asked["names"]
        first = opening("bench", PATH)
        self._members = [
            Member(first, nodes[number % len(nodes)], names, self._answered)
            for number in range(asked["count"])
        ]
        wanted = tuple(asked["until"])
        self._expect("joined", lambda member, _: all(member.has(type_url) for type_url in wanted))
        await self._connect()

    async def leave(self, _: Mapping[str, Any]) -> None:
        """Drop every connection."""
        for member in self._members:
            member.leave()
        tell("left")

    async def rejoin(self, _: Mapping[str, Any]) -> None:
        """Connect again."""
        self._expect("", _never)
        await self._connect()
        tell("rejoined", at=time.time(), **self._watch.report())

    async def arm(self, asked: Mapping[str, Any]) -> None:
        """Wait for every member to hear of a type."""
        self._expect("heard", lambda _, type_url: type_url == asked["type"])
        tell("armed")

    async def count(self, _: Mapping[str, Any]) -> None:
        """Tell what came so far, from the first stream on."""
        tell(
            "count",
            answers=sum(one.answers for one in self._members),
            resources=sum(one.resources for one in self._members),
            received=sum(one.received + (one.call.received if one.call else 0) for one in self._members),
            connected=sum(one.call is not None for one in self._members),
            ended=Counter(one.ended for one in self._members if one.ended),
        )

    def _expect(self, report: str, is_there: Callable[[Member, str], bool]) -> None:
        self._watch = Watch()
        self._reported, self._is_there, self._awaited = report, is_there, set(self._members)

    def _answered(self, member: Member, type_url: str) -> None:
        if member in self._awaited and self._is_there(member, type_url):
            self._awaited.discard(member)
            if not self._awaited:
                tell(self._reported, at=time.time(), **self._watch.report())

    async def _connect(self) -> None:
        await asyncio.gather(*(self._open(member) for member in self._members))

    async def _open(self, member: Member) -> None:
        while True:
            try:
                await self._connection(member)
            except OSError:  # Nobody is there yet, or more are at the door than it holds.
                await asyncio.sleep(RETRY_S)
            else:
                break
        member.subscribe()

    async def _connection(self, member: Member) -> None:
        loop = asyncio.get_running_loop()
        if self._target.startswith("unix:"):
            await loop.create_unix_connection(member.opened, self._target.removeprefix("unix:"))
        else:
            host, _, port = self._target.rpartition(":")
            await loop.create_connection(member.opened, host, int(port))


def tell(report: str, **facts: object) -> None:
    """One line out."""
    print(json.dumps({"report": report, **facts}), flush=True)


async def main() -> None:
    """Carry out commands until there are no more."""
    crowd = Crowd()
    commands: Mapping[str, Callable[[Mapping[str, Any]], Awaitable[None]]] = {
        "join": crowd.join,
        "leave": crowd.leave,
        "rejoin": crowd.rejoin,
        "arm": crowd.arm,
        "count": crowd.count,
    }
    lines = asyncio.StreamReader(limit=2**24)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    async with asyncio.TaskGroup() as tasks:
        ticking = tasks.create_task(crowd.tick(), name="tick")
        while line := await lines.readline():
            command = json.loads(line)
            await commands[command["command"]](command)
        ticking.cancel()


def _never(_: Member, __: str) -> bool:
    return False


if __name__ == "__main__":
    uvloop.run(main())
