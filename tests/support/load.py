"""Constant load on a stage in every protocol, while its mesh is changed step by step.

Who asks: the applications beside the sidecars of `front` and `green`, and `outside` through the gateway. Each
on connections that it keeps, and on a new one each time.
"""

import asyncio
import contextlib
import copy
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import aiohttp
import grpc

from tests.support.calling import Client
from tests.support.envoy import eventually
from tests.support.goldens import mesh_of
from tests.support.stage import Stage
from tests.support.stage_mesh import Spec

Ask = Callable[[], Awaitable[int]]
#: Changes a mesh; what it returns, if anything, must become true before the next change.
Change = Callable[[Spec, int], Callable[[], Awaitable[bool]] | None]


@dataclass(frozen=True)
class Asked:
    """Whom a client asks, and the port of each protocol there."""

    who: str
    host: str
    ports: dict[str, int]


@dataclass
class Load:
    """How many requests of each client were answered; what failed, and during which change."""

    answers: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    during: str = "before"
    is_over: bool = False

    def clients_answered(self) -> int:
        """How many clients were answered at all."""
        return sum(count > 0 for count in self.answers.values())

    async def ask_on(self, name: str, ask: Ask) -> None:
        """One client, until it is over."""
        while not self.is_over:
            try:
                status = await ask()
            except (aiohttp.ClientError, OSError, TimeoutError, grpc.aio.AioRpcError) as error:
                self.failures.append(f"{name} during {self.during}: {error!r}"[:400])
            else:
                self.answers[name] += 1
                if status != 200:
                    self.failures.append(f"{name} during {self.during}: {status}")
            await asyncio.sleep(0.005)


@contextlib.asynccontextmanager
async def repeating(ask: Callable[[], Awaitable[object]], clients: int = 1) -> AsyncIterator[None]:
    """So many clients ask again and again while the block lasts; what goes wrong for one is raised after it.

    Each waits for its last answer. A request that is cancelled instead may be on its way for a while, and be
    seen by an application in the next test.
    """
    is_over = False

    async def go_on() -> None:
        while not is_over:
            await ask()

    async with asyncio.TaskGroup() as tasks:
        for _ in range(clients):
            tasks.create_task(go_on())
        try:
            yield
        finally:
            is_over = True


@contextlib.asynccontextmanager
async def loaded(stage: Stage, asked: Iterable[Asked]) -> AsyncIterator[Load]:
    """Load, for as long as the block takes."""
    load = Load()
    async with contextlib.AsyncExitStack() as stack:
        asking = []
        for one in asked:
            async for name, ask in _clients(stage.clients[one.who], one, stack):
                asking.append(asyncio.ensure_future(load.ask_on(f"{one.who} {name}", ask)))
        try:
            yield load
        finally:
            load.is_over = True
            await asyncio.gather(*asking)


async def changed_under_load(
    stage: Stage, written: Spec, asked: Sequence[Asked], changes: Sequence[Change], count: int
) -> Load:
    """Make so many changes, each kind in its turn, each once every proxy runs the one before."""
    await stage.show(written)
    async with loaded(stage, asked) as load:
        for step, change in _steps(count, changes):
            load.during = f"{change.__name__} (change {step})"
            is_taken = change(written, step)
            stage.plane.show(mesh_of(copy.deepcopy(written)))
            await eventually(stage.plane.is_in_sync, load.during, within_s=60)
            if is_taken is not None:
                await eventually(is_taken, load.during)
            assert stage.plane.refusals() == [], load.during
        load.during = "after"
    return load


def _steps(count: int, changes: Sequence[Change]) -> Iterator[tuple[int, Change]]:
    return zip(range(count), itertools.cycle(changes), strict=False)


async def _clients(
    client: Client, asked: Asked, stack: contextlib.AsyncExitStack
) -> AsyncIterator[tuple[str, Ask]]:
    session = await stack.enter_async_context(client.session())
    url = {protocol: f"http://{asked.host}:{port}/" for protocol, port in asked.ports.items()}

    async def kept() -> int:
        async with session.get(url["http"]) as answer:
            await answer.read()
            return int(answer.status)

    async def http() -> int:
        return (await client.http(url["http"])).status

    async def http2() -> int:
        return (await client.http2(url["http2"])).status

    for name, ask in (("HTTP/1.1, kept", kept), ("HTTP/1.1", http)):
        yield name, ask
    if "http2" in url:
        yield "HTTP/2", http2
    if "grpc" in asked.ports:
        channel = await stack.enter_async_context(client.channel(asked.host, asked.ports["grpc"]))
        call = channel.unary_unary("/shop.Orders/List")

        async def grpc_call() -> int:
            await call(b"hello", timeout=30)
            return 200

        yield "gRPC, kept", grpc_call
