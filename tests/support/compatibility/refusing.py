"""A server that refuses every call with an error of choice, over real HTTP."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn

from gossamer.api.app import ApiSettings, create_app
from gossamer.api.call import Call
from gossamer.api.request import Caller, Request
from gossamer.clock import SystemClock
from gossamer.errors import Forbidden, MeshError
from gossamer.store.engine import sqlite_url
from gossamer.store.sql import SqlStore
from gossamer.store.store import Rules


@dataclass
class Refusal:
    """A gate that lets nothing pass; `error` is what it refuses with."""

    url: str = ""
    error: MeshError = field(default_factory=Forbidden)

    def authenticate(self, _: Call) -> Caller:
        """Anybody."""
        return Caller("123456789012", "arn:aws:iam::123456789012:root")

    def glance(self, _: Call) -> None:
        """Nobody yet."""

    async def authorize(self, _: Request) -> None:
        """Nothing."""
        raise self.error

    def answered(self, call: Call, status: int) -> None:
        """Nothing was done."""


@contextlib.contextmanager
def refusing_server(directory: Path) -> Iterator[Refusal]:
    """The server, in a thread of its own."""
    refusal = Refusal()
    with socket.create_server(("127.0.0.1", 0)) as bound:
        refusal.url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config("", log_config=None, lifespan="off", ws="none"))
        thread = threading.Thread(target=_run, args=(server, bound, refusal, directory))
        thread.start()
        try:
            yield refusal
        finally:
            server.should_exit = True
            thread.join()


def _run(server: uvicorn.Server, bound: socket.socket, refusal: Refusal, directory: Path) -> None:
    async def serve() -> None:
        store = await SqlStore.open(sqlite_url(directory / "refusing.db"), rules=Rules(), clock=SystemClock())
        server.config.app = create_app(store, settings=ApiSettings(), gate=refusal)
        try:
            await server.serve(sockets=[bound])
        finally:
            await store.close()

    asyncio.run(serve())
