"""A replica is told to end while proxies hang on it: they go over to the other one, and nobody notices."""

import asyncio
import contextlib
import itertools
import signal
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from tests.e2e.test_control_plane import MESH, NODE, answer, fill, route_spec
from tests.support.balancer import running_balancer
from tests.support.control_plane import ControlPlane, running_control_plane
from tests.support.envoy import eventually, running_envoy
from tests.support.light_proxy import LightProxy, light_proxies
from tests.support.postgresql_server import PostgresqlServer, programs

pytestmark = pytest.mark.e2e

COUNT = itertools.count(1)
LIGHT = 80


@pytest.fixture
def replicas(tmp_path: Path, postgresql: PostgresqlServer) -> Iterator[tuple[ControlPlane, ControlPlane]]:
    """Two control planes that share a database; each takes its time to end."""
    url = postgresql.create_database(f"ending{next(COUNT)}").set(drivername="postgresql").render_as_string()
    with contextlib.ExitStack() as stack:
        places = [tmp_path / name for name in ("a", "b")]
        for place in places:
            place.mkdir()
        flags = ("--database-url", url, "--drain-seconds", "2")
        one, other = (stack.enter_context(running_control_plane(place, *flags)) for place in places)
        try:
            yield one, other
        finally:
            for plane in (one, other):
                plane.process.kill()


def ready(plane: ControlPlane) -> int:
    try:
        with urllib.request.urlopen(f"{plane.url}/readyz", timeout=60) as told:  # noqa: S310 - its own address
            return int(told.status)
    except urllib.error.HTTPError as error:
        return error.code


async def has_proxies(plane: ControlPlane, count: int) -> bool:
    found = await asyncio.to_thread(plane.proxies)
    return len([one for one in found if one["state"] == "in sync"]) == count


def sent_to(plane: ControlPlane) -> int:
    return sum(one["sent"] for proxy in plane.proxies() for one in proxy["types"].values())


async def answers_8081(session: aiohttp.ClientSession) -> bool:
    return await answer(session) == "8081"


@pytest.mark.skipif(programs() is None, reason="PostgreSQL is not installed")
async def test_proxies_go_over_to_the_other_replica_and_no_request_fails(
    replicas: tuple[ControlPlane, ControlPlane], tmp_path: Path
) -> None:
    one, other = replicas
    await asyncio.to_thread(fill, one.client())
    async with (
        running_balancer(tmp_path, one.socket) as balancer,
        light_proxies(f"unix:{balancer.socket}", NODE, LIGHT) as light,
    ):
        balancer.spare = other.socket
        with running_envoy(NODE, balancer.socket, tmp_path, apps=(8081, 8082)) as envoy:
            async with envoy.client() as session:
                await eventually(lambda: has_proxies(one, LIGHT + 1), "all hang on the first")
                await eventually(lambda: answers_8081(session), "the first node answers")
                answers = set()
                one.process.send_signal(signal.SIGTERM)
                while one.process.poll() is None or not await has_proxies(other, LIGHT + 1):
                    answers.add(await answer(session))
                assert one.process.returncode == 0
                assert answers == {"8081"}
                assert {end for proxy in light for end in proxy.ends} == {"OK"}
                assert await asyncio.to_thread(sent_to, other) == 0
                shifted = route_spec(0, 100)
                await asyncio.to_thread(
                    lambda: other.client().update_route(
                        **MESH, virtualRouterName="b", routeName="r", spec=shifted
                    )
                )
                await eventually(lambda: _answers(session, "8082"), "changes go on")


async def _answers(session: aiohttp.ClientSession, text: str) -> bool:
    return await answer(session) == text


@pytest.mark.skipif(programs() is None, reason="PostgreSQL is not installed")
async def test_a_replica_that_ends_is_not_ready_and_answers_calls_until_balancers_have_noticed(
    replicas: tuple[ControlPlane, ControlPlane],
) -> None:
    one, other = replicas
    await asyncio.to_thread(fill, one.client())
    assert ready(one) == ready(other) == 200
    one.process.send_signal(signal.SIGTERM)
    await eventually(lambda: _is_ready(one, 503), "it says that it is not ready")
    client = one.client()
    await asyncio.to_thread(
        lambda: client.update_route(**MESH, virtualRouterName="b", routeName="r", spec=route_spec(0, 100))
    )
    assert await asyncio.to_thread(one.process.wait, 20) == 0
    found = other.client().describe_route(**MESH, virtualRouterName="b", routeName="r")
    assert found["route"]["metadata"]["version"] == 2


async def _is_ready(plane: ControlPlane, status: int) -> bool:
    return await asyncio.to_thread(ready, plane) == status


@pytest.mark.skipif(programs() is None, reason="PostgreSQL is not installed")
async def test_a_second_signal_ends_at_once(tmp_path: Path, postgresql: PostgresqlServer) -> None:
    url = postgresql.create_database(f"ending{next(COUNT)}").set(drivername="postgresql").render_as_string()
    with running_control_plane(tmp_path, "--database-url", url, "--drain-seconds", "600") as plane:
        fill(plane.client())
        async with light_proxies(f"unix:{plane.socket}", NODE, 5):
            await eventually(lambda: has_proxies(plane, 5), "all are connected")
            plane.process.send_signal(signal.SIGTERM)
            await eventually(lambda: _is_ready(plane, 503), "it is about to end")
            plane.process.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(plane.process.wait, 20) == 0


async def test_streams_end_at_the_age_that_is_set_and_come_back(tmp_path: Path) -> None:
    with running_control_plane(tmp_path, "--stream-max-age", "3") as plane:
        await asyncio.to_thread(fill, plane.client())
        async with light_proxies(f"unix:{plane.socket}", NODE, 5) as light:
            await eventually(lambda: _came_back(light), "each has come back", 60)
            assert {end for proxy in light for end in proxy.ends} == {"OK"}


async def _came_back(light: list[LightProxy]) -> bool:
    return all(proxy.ends and proxy.streams > 1 for proxy in light)
