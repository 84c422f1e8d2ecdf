"""The servers whose answers are timed, each a process of its own on a free port."""

import asyncio
import contextlib
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import aiohttp
from starlette.types import Receive, Scope, Send

from bench.api.request import Signer
from bench.computed import computed_s
from tests.support.access_keys import Key, new_key
from tests.support.control_plane import running_control_plane
from tests.support.envoy import eventually

NOBODY = Key("id", "secret")


@dataclass(frozen=True, slots=True)
class Server:
    """One that answers."""

    name: str
    signer: Signer
    process: int

    def computed_s(self) -> float:
        """The processor time that it has taken so far."""
        return computed_s(self.process)


@contextlib.asynccontextmanager
async def gossamer() -> AsyncIterator[Server]:
    """`gossamer serve` on a new database, with an access key that may do everything."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        key = new_key(directory / "data", "AWSAppMeshFullAccess")
        with running_control_plane(directory, "--limit-virtual-nodes", "100000") as plane:
            yield Server("gossamer", Signer(plane.url, key), plane.process.pid)


@contextlib.asynccontextmanager
async def canned() -> AsyncIterator[Server]:
    """The same HTTP server with nothing behind it."""
    port = _free_port()
    command = ("-m", "uvicorn", "bench.api.server:answer_canned", "--port", str(port), "--log-level", "error")
    async with _running("canned answer", port, *command, "--loop", "uvloop", "--http", "httptools") as server:
        yield server


@contextlib.asynccontextmanager
async def moto() -> AsyncIterator[Server]:
    """Moto's server, which keeps everything in memory and checks nothing."""
    port = _free_port()
    async with _running("moto", port, "-m", "moto.server", "--port", str(port)) as server:
        yield server


async def answer_canned(_: Scope, receive: Receive, send: Send) -> None:
    """Take the body, answer the same every time."""
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"{}"})


@contextlib.asynccontextmanager
async def _running(name: str, port: int, *command: str) -> AsyncIterator[Server]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    try:
        await eventually(partial(_answers, url), f"{name} answers", within_s=60)
        yield Server(name, Signer(url, NOBODY), process.pid)
    finally:
        process.kill()
        await process.wait()


async def _answers(url: str) -> bool:
    try:
        async with aiohttp.ClientSession() as session, session.put(url):
            return True
    except aiohttp.ClientError:
        return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        return int(bound.getsockname()[1])
