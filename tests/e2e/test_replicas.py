"""Two control planes on one PostgreSQL, with the real Envoy between them."""

import asyncio
import contextlib
import itertools
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from tests.e2e.test_control_plane import MESH, NODE, SERVICE, answer, fill, route_spec
from tests.support.balancer import running_balancer
from tests.support.control_plane import ControlPlane, running_control_plane
from tests.support.envoy import eventually, running_envoy
from tests.support.postgresql_server import PostgresqlServer, programs

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(programs() is None, reason="PostgreSQL is not installed"),
]

COUNT = itertools.count(1)


@pytest.fixture
def replicas(tmp_path: Path, postgresql: PostgresqlServer) -> Iterator[tuple[ControlPlane, ControlPlane]]:
    """Two control planes that share a database and nothing else."""
    url = postgresql.create_database(f"control{next(COUNT)}").set(drivername="postgresql").render_as_string()
    with contextlib.ExitStack() as stack:
        places = [tmp_path / name for name in ("a", "b")]
        for place in places:
            place.mkdir()
        one, other = (
            stack.enter_context(running_control_plane(place, "--database-url", url)) for place in places
        )
        yield one, other


def shift(plane: ControlPlane, v1: int) -> None:
    plane.client().update_route(**MESH, virtualRouterName="b", routeName="r", spec=route_spec(v1, 100 - v1))


async def test_what_one_replica_wrote_another_reads_and_serves(
    replicas: tuple[ControlPlane, ControlPlane], tmp_path: Path
) -> None:
    one, other = replicas
    fill(one.client())
    found = other.client().describe_virtual_service(**MESH, virtualServiceName=SERVICE)
    assert found["virtualService"]["spec"] == {"provider": {"virtualRouter": {"virtualRouterName": "b"}}}
    with running_envoy(NODE, other.socket, tmp_path, apps=(8081, 8082)) as envoy:
        async with envoy.client() as session:
            await eventually(lambda: _answers(session, "8081"), "v1 answers")
            shift(one, 0)
            await eventually(lambda: _answers(session, "8082"), "v2 answers")


async def test_a_replica_that_dies_costs_no_request_and_its_proxies_get_nothing_older_from_the_other(
    replicas: tuple[ControlPlane, ControlPlane], tmp_path: Path
) -> None:
    one, other = replicas
    fill(one.client())
    async with running_balancer(tmp_path, one.socket) as balancer:
        with running_envoy(NODE, balancer.socket, tmp_path, apps=(8081, 8082)) as envoy:
            async with envoy.client() as session:
                await eventually(lambda: _answers(session, "8081"), "v1 answers")
                await asyncio.to_thread(shift, one, 0)
                await eventually(lambda: _answers(session, "8082"), "v2 answers")
                balancer.backend = other.socket
                one.kill()
                while not other.proxies():
                    assert await answer(session) == "8082"
                await eventually(other.is_in_sync, "the other replica serves it")
                sent = {name: found["sent"] for name, found in other.proxies()[0]["types"].items()}
                assert sent == dict.fromkeys(sent, 0)
                await asyncio.to_thread(shift, other, 100)
                await eventually(lambda: _answers(session, "8081"), "changes go on")


async def test_traffic_and_reads_go_on_after_the_database_was_away(
    replicas: tuple[ControlPlane, ControlPlane], tmp_path: Path, postgresql: PostgresqlServer
) -> None:
    one, other = replicas
    fill(one.client())
    with running_envoy(NODE, one.socket, tmp_path, apps=(8081, 8082)) as envoy:
        async with envoy.client() as session:
            await eventually(lambda: _answers(session, "8081"), "v1 answers")
            await asyncio.to_thread(postgresql.stop)
            with pytest.raises(one.client().exceptions.ServiceUnavailableException):
                await asyncio.to_thread(shift, one, 0)
            assert {await answer(session) for _ in range(50)} == {"8081"}
            await asyncio.to_thread(postgresql.start)
            await eventually(lambda: _shifts(other, 0), "the other replica writes again")
            await eventually(lambda: _answers(session, "8082"), "and this one hears of it")


async def _answers(session: aiohttp.ClientSession, text: str) -> bool:
    return await answer(session) == text


async def _shifts(plane: ControlPlane, v1: int) -> bool:
    try:
        await asyncio.to_thread(shift, plane, v1)
    except plane.client().exceptions.ServiceUnavailableException:
        return False
    return True
