"""Durable creates a second through the API over 16 connections, against the same server without any work."""

import asyncio
import contextlib
import json
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import aiohttp
from starlette.types import Receive, Scope, Send

from bench.result import Baseline, Result, Spread, Statistic, at_least, at_most
from tests.support.control_plane import running_control_plane
from tests.support.envoy import eventually

CONNECTIONS = 16
SECONDS = 5.0
SPEC = {
    "listeners": [{"portMapping": {"port": 8080, "protocol": "http"}}],
    "serviceDiscovery": {"dns": {"hostname": "node.local"}},
    "backends": [{"virtualService": {"virtualServiceName": "other.local"}}],
}


async def creates() -> list[Result]:
    """Gossamer, then a canned answer on the same HTTP server."""
    with tempfile.TemporaryDirectory() as name, running_control_plane(Path(name)) as plane:
        async with aiohttp.ClientSession() as session:
            body = json.dumps({"meshName": "bench"})
            async with session.put(f"{plane.url}/v20190125/meshes", data=body) as answer:
                assert answer.status == 200
        ours = await _load(plane.url)
    async with _canned() as url:
        canned = await _load(url)
    rates = [Spread.of([len(taken) / SECONDS]) for taken in (ours, canned)]
    return [
        Result(
            "durable creates through the API",
            "a second",
            rates[0],
            goals=(at_least(2000),),
            baselines=(Baseline("canned answer", rates[1]),),
        ),
        Result(
            "one of them",
            "ms",
            Spread.of(ours),
            goals=(at_most(10, Statistic.P99),),
            baselines=(Baseline("canned answer", Spread.of(canned)),),
        ),
    ]


@contextlib.asynccontextmanager
async def _canned() -> AsyncIterator[str]:
    """The same HTTP server with nothing behind it, on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as bound:
        port = str(bound.getsockname()[1])
    options = ("--port", port, "--log-level", "error")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "uvicorn", "bench.creates:canned", *options
    )
    try:
        await eventually(partial(_answers, f"http://127.0.0.1:{port}"), "the canned server answers")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


async def _answers(url: str) -> bool:
    try:
        async with aiohttp.ClientSession() as session, session.put(url) as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False


async def canned(_: Scope, receive: Receive, send: Send) -> None:
    """Take the body, answer the same every time."""
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"{}"})


async def _load(url: str) -> list[float]:
    taken: list[float] = []
    until = time.monotonic() + SECONDS
    path = f"{url}/v20190125/meshes/bench/virtualNodes"

    async def client(number: int, session: aiohttp.ClientSession) -> None:
        count = 0
        while time.monotonic() < until:
            count += 1
            # A place holds so many nodes and no more, so names come round again as updates.
            name = f"n{number}-{count % 250}"
            is_new = count <= 250
            begun = time.monotonic()
            target, body = (path, {"virtualNodeName": name}) if is_new else (f"{path}/{name}", {})
            async with session.put(target, data=json.dumps({**body, "spec": SPEC})) as answer:
                assert answer.status == 200, await answer.text()
                await answer.read()
            taken.append((time.monotonic() - begun) * 1000)

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CONNECTIONS)) as session:
        await asyncio.gather(*(client(number, session) for number in range(CONNECTIONS)))
    return taken
