"""A server whose pushes are measured: what each can do, and those that are told by lines of text."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from gossamer.runtime.tuning import choose_poller


class Pushing(Protocol):
    """A management server in a process of its own that serves one route configuration to everybody."""

    @property
    def target(self) -> str:
        """Where clients connect."""
        ...

    @property
    def process(self) -> int:
        """Its process, to see what it computes."""
        ...

    async def change(self) -> None:
        """Change the route; returns when that is taken in."""
        ...

    async def finished(self) -> None:
        """Return once it has done what the newest change made it do."""
        ...

    async def acknowledged(self) -> float:
        """When it heard the last word about the newest change; once it has finished."""
        ...


@dataclass(slots=True)
class Told:
    """A program that says `ready` once it serves, then changes the route at each `push NUMBER`.

    NUMBER is of the acknowledgements of routes since it began: so many in, it says `acked TIME`.
    """

    target: str
    running: asyncio.subprocess.Process
    streams: int
    pushed: int = 0
    last: float = 0.0

    @property
    def process(self) -> int:
        """Its process."""
        return self.running.pid

    async def change(self) -> None:
        """Tell it to."""
        assert self.running.stdin is not None
        self.pushed += 1
        # Everybody has acknowledged what they were given at first, too.
        self.running.stdin.write(f"push {self.streams * (self.pushed + 1)}\n".encode())
        await self.running.stdin.drain()

    async def finished(self) -> None:
        """Wait for its word."""
        self.last = float(await self.said("acked"))

    async def acknowledged(self) -> float:
        """What it said."""
        return self.last

    async def said(self, word: str) -> str:
        """The rest of its next line, which begins so."""
        assert self.running.stdout is not None
        line = (await self.running.stdout.readline()).decode()
        if not line.startswith(word):
            raise RuntimeError(f"{self.target} said {line!r} instead of {word}")
        return line.removeprefix(word).strip()


@contextlib.asynccontextmanager
async def told(command: Sequence[str], socket: str, streams: int) -> AsyncIterator[Told]:
    """Such a program on a Unix socket, ended with the scenario."""
    environ = dict(os.environ)
    choose_poller(environ)
    process = await asyncio.create_subprocess_exec(
        *command,
        env=environ,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    server = Told(f"unix:{socket}", process, streams)
    try:
        await server.said("ready")
        yield server
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
