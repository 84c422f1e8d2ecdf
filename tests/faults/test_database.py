"""Two replicas on a PostgreSQL that is restarted, paused, cut off and failed over."""

import asyncio
import contextlib
import itertools
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.test_control_plane import NODE, fill
from tests.support.control_plane import ControlPlane, running_control_plane
from tests.support.cut_wire import Wire, wire_to
from tests.support.endured import IS_FULL, acknowledged, check_store, in_agreement, traffic_through, writers
from tests.support.envoy import Envoy, eventually, running_envoy
from tests.support.ledger import Ledger, client_of
from tests.support.postgresql_server import (
    USER,
    PostgresqlServer,
    postgresql_server,
    programs,
    standby_of,
)

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.faults,
    pytest.mark.skipif(programs() is None, reason="PostgreSQL is not installed"),
    pytest.mark.skipif(not IS_FULL, reason="`make faults` runs it"),
]

COUNT = itertools.count(1)


@dataclass
class Scene:
    """Two replicas, an Envoy that speaks to the first, and what is between them and their database."""

    server: PostgresqlServer
    wire: Wire
    planes: tuple[ControlPlane, ControlPlane]
    envoy: Envoy
    flags: tuple[str, ...]


@pytest.fixture
def server() -> Iterator[PostgresqlServer]:
    """A server of the test's own: others do not want theirs broken."""
    directory = Path(tempfile.mkdtemp(prefix="gossamer-pg-", dir="/tmp"))
    try:
        with postgresql_server(directory) as found:
            yield found
    finally:
        shutil.rmtree(directory)


@contextlib.contextmanager
def replicas(directory: Path, url: str) -> Iterator[tuple[ControlPlane, ControlPlane]]:
    with contextlib.ExitStack() as stack:
        places = [directory / name for name in ("one", "other")]
        for place in places:
            place.mkdir()
        one, other = (
            stack.enter_context(running_control_plane(place, "--database-url", url)) for place in places
        )
        fill(one.client())
        yield one, other


@pytest.fixture
def scene(tmp_path: Path, server: PostgresqlServer) -> Iterator[Scene]:
    database = f"faults{next(COUNT)}"
    server.create_database(database)
    with wire_to(server.port) as wire:
        url = f"postgresql://{USER}@127.0.0.1:{wire.port}/{database}"
        with (
            replicas(tmp_path, url) as planes,
            running_envoy(NODE, planes[0].socket, tmp_path, apps=(8081, 8082)) as envoy,
        ):
            yield Scene(server, wire, planes, envoy, ("--database-url", url))


async def endured(scene: Scene, fault: Callable[[], Awaitable[None]]) -> Ledger:
    """Traffic and writers on both replicas around a fault; afterwards, what was acknowledged is there."""
    ledger = Ledger()
    clients = [client_of(plane) for plane in scene.planes]
    async with traffic_through(scene.envoy):
        async with writers(ledger, [lambda one=one: one for one in (*clients, *clients)], 7):  # type: ignore[misc]
            await acknowledged(ledger, 40)
            await fault()
            await acknowledged(ledger, 40)
        for plane in scene.planes:
            await eventually(lambda plane=plane: _is_current(plane, ledger), "it is read again", within_s=60)  # type: ignore[misc]
        await eventually(scene.planes[0].is_in_sync, "in sync", within_s=60)
        await in_agreement(scene.planes[0], scene.envoy)
    await asyncio.to_thread(check_store, *scene.flags)
    return ledger


async def _is_current(plane: ControlPlane, ledger: Ledger) -> bool:
    with contextlib.suppress(plane.client().exceptions.ServiceUnavailableException):
        await asyncio.to_thread(ledger.check, plane)
        return True
    return False


async def test_a_database_that_is_restarted(scene: Scene) -> None:
    async def fault() -> None:
        for how in ("immediate", "fast", "immediate"):
            await asyncio.to_thread(scene.server.stop, how)
            await asyncio.sleep(0.5)
            await asyncio.to_thread(scene.server.start)
            await asyncio.sleep(1)

    assert (await endured(scene, fault)).unknown > 0


async def test_a_database_that_is_paused_is_not_waited_for_without_end(scene: Scene) -> None:
    async def fault() -> None:
        scene.server.pause()
        try:
            # Calls are answered though nothing answers us.
            async with asyncio.timeout(60):
                await asyncio.to_thread(_is_refused, scene.planes[0])
        finally:
            scene.server.go_on()

    assert (await endured(scene, fault)).unknown > 0


async def test_a_database_whose_connections_are_cut(scene: Scene) -> None:
    async def fault() -> None:
        for _ in range(4):
            scene.wire.cut()
            await asyncio.sleep(0.7)
            scene.wire.mend()
            await asyncio.sleep(1.5)

    assert (await endured(scene, fault)).unknown > 0


async def test_a_database_behind_a_wire_over_which_nothing_passes(scene: Scene) -> None:
    async def fault() -> None:
        scene.wire.stall()
        async with asyncio.timeout(60):
            await asyncio.to_thread(_is_refused, scene.planes[1])
        scene.wire.cut()
        scene.wire.mend()

    assert (await endured(scene, fault)).unknown > 0


def _is_refused(plane: ControlPlane) -> None:
    """A read is answered with 503; before, several connections may each have to be given up."""
    client = client_of(plane)
    for _ in range(10):
        with contextlib.suppress(client.exceptions.ServiceUnavailableException):
            client.list_meshes()
            continue
        return
    raise AssertionError("every read was answered")


@pytest.fixture
async def failing_over(
    tmp_path: Path, server: PostgresqlServer
) -> AsyncIterator[tuple[Scene, PostgresqlServer]]:
    """Replicas that know two servers, of which the second follows the first."""
    database = f"faults{next(COUNT)}"
    server.create_database(database)
    directory = Path(tempfile.mkdtemp(prefix="gossamer-pg-", dir="/tmp"))
    try:
        with standby_of(server, directory) as standby, wire_to(server.port) as wire:
            url = f"postgresql://{USER}@127.0.0.1:{server.port},127.0.0.1:{standby.port}/{database}"
            with (
                replicas(tmp_path, url) as planes,
                running_envoy(NODE, planes[0].socket, tmp_path, apps=(8081, 8082)) as envoy,
            ):
                yield Scene(server, wire, planes, envoy, ("--database-url", url)), standby
    finally:
        shutil.rmtree(directory)


async def test_a_database_that_fails_over_to_its_standby(
    failing_over: tuple[Scene, PostgresqlServer],
) -> None:
    scene, standby = failing_over

    async def fault() -> None:
        await asyncio.to_thread(scene.server.stop)
        await asyncio.to_thread(standby.administer, "ALTER SYSTEM RESET synchronous_standby_names")
        await asyncio.to_thread(standby.promote)

    assert (await endured(scene, fault)).unknown > 0
