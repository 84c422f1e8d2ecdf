"""What real Envoys tell of their traffic, as the console is told."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from gossamer.insight.traffic import Recent
from gossamer.model.kind import MeshKey
from tests.support.answering import Reply, Seen
from tests.support.envoy import eventually
from tests.support.load import repeating
from tests.support.plane import ACCOUNT
from tests.support.stage import Stage
from tests.support.stage_mesh import GATE, Spec, mesh, node, to

SHOP = MeshKey(ACCOUNT, "shop")
FRONT, BLUE, GREEN = (f"shop/virtualNode/{name}" for name in ("front", "blue", "green"))
GATEWAY = "shop/virtualGateway/gate"
PAUSE_S = 0.02


@pytest.fixture(autouse=True)
def fresh(stage: Stage) -> None:
    """Nothing of what the test before sent counts."""
    for told in stage.plane.ledger._meshes.get(SHOP, {}).values():
        told.recent = Recent()
    stage.plane.ledger._fresh.clear()


@dataclass
class Sending:
    """Requests that go out one after the other, and how many did."""

    ask: Callable[[], Awaitable[Any]]
    sent: int = 0

    async def send(self) -> None:
        await self.ask()
        self.sent += 1
        await asyncio.sleep(PAUSE_S)


@contextlib.asynccontextmanager
async def sending(ask: Callable[[], Awaitable[Any]]) -> AsyncIterator[Sending]:
    found = Sending(ask)
    async with repeating(found.send):
        yield found


def look(stage: Stage) -> dict[str, Any]:
    stage.plane.ledger.look(SHOP)
    return dict(stage.plane.ledger.traffic(SHOP))


def rates(told: dict[str, Any]) -> dict[str, float]:
    return {one["id"]: one["requestsPerSecond"] for one in told["nodes"]}


def edge(stage: Stage, start: str, end: str) -> dict[str, Any]:
    edges = look(stage)["edges"]
    return next((one for one in edges if (one["from"], one["to"]) == (start, end)), {})


async def until(question: Callable[[], bool], stage: Stage) -> None:
    """Wait until it is so at one look; what is known stands in the failure.

    A report about the test before may be on its way, so whatever must not be there is waited for as well.
    """

    async def asked() -> bool:
        return question()

    try:
        await eventually(asked, "traffic", within_s=120)
    except AssertionError:
        raise AssertionError(look(stage)) from None


def from_front(stage: Stage) -> Callable[[], Awaitable[Any]]:
    return lambda: stage.front.http("http://orders.test/")


def nowhere() -> Spec:
    """A name that DNS does not know."""
    return {"serviceDiscovery": {"dns": {"hostname": "nowhere.test"}}}


async def test_requests_appear_on_the_edge_that_they_take_as_often_as_they_are_sent(stage: Stage) -> None:
    await stage.show(mesh())
    async with sending(from_front(stage)) as load:
        await until(lambda: edge(stage, FRONT, BLUE).get("requestsPerSecond", 0) > 1, stage)
        loop = asyncio.get_running_loop()

        async def is_right() -> bool:
            """Over a window of its own, what is told is about what was sent."""
            begun, before = loop.time(), load.sent
            await asyncio.sleep(5)
            rate = (load.sent - before) / (loop.time() - begun)
            return bool(0.75 < edge(stage, FRONT, BLUE)["requestsPerSecond"] / rate < 1.33)

        await eventually(is_right, "the rate that is sent", within_s=60)
        # What the test before let fail may be told a little later.
        await until(lambda: edge(stage, FRONT, BLUE).get("successRate") == 1, stage)
        assert edge(stage, FRONT, BLUE)["service"] == "orders.test"
        await until(lambda: edge(stage, FRONT, GREEN) == {}, stage)
        await until(lambda: rates(look(stage)).get(BLUE, 0) > 1, stage)


async def test_a_canary_shows_on_both_edges(stage: Stage) -> None:
    await stage.show(mesh(routes={"all": to({"blue": 1, "green": 1})}))
    async with sending(from_front(stage)):
        await until(
            lambda: all(edge(stage, FRONT, one).get("requestsPerSecond", 0) > 1 for one in (BLUE, GREEN)),
            stage,
        )


async def test_a_service_that_fails_shows(stage: Stage) -> None:
    await stage.show(mesh())

    async def half(_: Seen) -> Reply:
        return Reply(status=500 if len(stage.apps["blue"].seen) % 2 else 200)

    stage.apps["blue"].reply = half
    async with sending(from_front(stage)):
        await until(lambda: 0 < edge(stage, FRONT, BLUE).get("successRate", 0) < 0.9, stage)


async def test_requests_that_reach_nobody_show_as_failures(stage: Stage) -> None:
    await stage.show(mesh(nodes={"blue": {**node("blue", "http"), **nowhere()}}))
    async with sending(from_front(stage)):
        await until(lambda: edge(stage, FRONT, BLUE).get("errorsPerSecond", 0) > 1, stage)


async def test_connections_count_where_there_are_no_requests(stage: Stage) -> None:
    await stage.show(mesh("tcp"))
    async with sending(lambda: stage.front.tcp("orders.test", 80, b"hello")):
        await until(lambda: edge(stage, FRONT, BLUE).get("requestsPerSecond", 0) > 1, stage)
        await until(lambda: edge(stage, FRONT, BLUE).get("successRate", 0) is None, stage)


async def test_latency_moves_with_the_service(stage: Stage) -> None:
    await stage.show(mesh())

    def p50() -> float:
        told = edge(stage, FRONT, BLUE).get("latencyMs") or {}
        return float(told.get("p50", -1))

    async with sending(from_front(stage)):
        await until(lambda: 0 <= p50() < 100, stage)

        async def slow(_: Seen) -> Reply:
            await asyncio.sleep(0.25)
            return Reply()

        stage.apps["blue"].reply = slow
        await until(lambda: 240 < p50() < 2000, stage)
        told = edge(stage, FRONT, BLUE)["latencyMs"]
        assert told["p50"] <= told["p90"] <= told["p99"]


async def test_traffic_of_a_gateway_counts_once(stage: Stage) -> None:
    await stage.show(mesh())
    url = f"http://{stage.machines['gate'].address}:{GATE}/"

    def is_right() -> bool:
        told = look(stage)
        ends = [(one["from"], one["to"]) for one in told["edges"]]
        if ends != [(GATEWAY, BLUE)] or rates(told).keys() != {GATEWAY, BLUE}:
            return False
        rate = told["edges"][0]["requestsPerSecond"]
        return rate > 1 and bool(rates(told)[GATEWAY] == pytest.approx(rate))

    async with sending(lambda: stage.outside.http(url)):
        await until(is_right, stage)
