"""A control plane that is killed at any moment of its writes."""

import asyncio
import contextlib
import random
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.test_control_plane import NODE, fill
from tests.support.control_plane import ControlPlane, running_control_plane
from tests.support.endured import (
    IS_FULL,
    acknowledged,
    check_store,
    data_of,
    in_agreement,
    traffic_through,
    writers,
)
from tests.support.envoy import eventually, running_envoy
from tests.support.ledger import Ledger, client_of

pytestmark = [pytest.mark.e2e, pytest.mark.faults]

WRITES, KILLS = (1_000, 20) if IS_FULL else (60, 2)


async def test_each_acknowledged_write_is_there_after_a_crash_and_none_is_half_done(tmp_path: Path) -> None:
    chance, ledger, planes = random.Random(6), Ledger(), list[ControlPlane]()
    clients: list[Any] = []

    async def start() -> None:
        planes.append(await asyncio.to_thread(stack.enter_context, running_control_plane(tmp_path)))
        clients.append(client_of(planes[-1]))

    with contextlib.ExitStack() as stack:
        await start()
        fill(planes[0].client())
        envoy = stack.enter_context(running_envoy(NODE, planes[0].socket, tmp_path, apps=(8081, 8082)))
        async with (
            traffic_through(envoy),
            writers(ledger, [lambda: clients[-1]] * 4, 6),
        ):
            for _ in range(KILLS):
                await acknowledged(ledger, chance.randrange(1, 2 * WRITES // KILLS - 10))
                await asyncio.sleep(chance.random() * 0.02)
                planes[-1].kill()
                await asyncio.to_thread(check_store, *data_of(tmp_path))
                await start()
            await acknowledged(ledger, max(1, WRITES - ledger.acknowledged))
            ledger.is_over.set()
            await asyncio.to_thread(planes[-1].kill)
            await start()
            await asyncio.to_thread(ledger.check, planes[-1])
            await eventually(planes[-1].is_in_sync, "in sync", within_s=60)
            await in_agreement(planes[-1], envoy)
        planes[-1].kill()
    check_store(*data_of(tmp_path))
    assert ledger.acknowledged >= WRITES
    assert ledger.unknown > 0
