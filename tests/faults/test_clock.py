"""A clock that jumps, forwards and back."""

import asyncio
import os
from pathlib import Path

import pytest

from tests.e2e.test_control_plane import NODE, fill
from tests.support.control_plane import running_control_plane
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

LIBRARY = next(iter(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")), None)

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.faults,
    pytest.mark.skipif(not IS_FULL, reason="`make faults` runs it"),
    pytest.mark.skipif(LIBRARY is None, reason="libfaketime is not installed"),
]


async def test_a_clock_that_jumps(tmp_path: Path) -> None:
    ledger, clock = Ledger(), tmp_path / "clock"
    clock.write_text("+0\n")
    variables = {
        "LD_PRELOAD": str(LIBRARY),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    with running_control_plane(tmp_path, variables=variables) as plane:
        client = client_of(plane)
        fill(client)
        with running_envoy(NODE, plane.socket, tmp_path, apps=(8081, 8082)) as envoy:
            async with traffic_through(envoy):
                async with writers(ledger, [lambda: client] * 3, 9):
                    await acknowledged(ledger, 20)
                    for jump in ("+2d", "-30d", "+400d", "-1d", "+0"):
                        _set(clock, jump)
                        await acknowledged(ledger, 20)
                        made = client.create_virtual_router(
                            meshName="simpleapp", virtualRouterName=f"at{jump[1:]}", spec={}
                        )
                        at = made["virtualRouter"]["metadata"]["createdAt"].timestamp()
                        assert abs(at - os.stat(clock).st_mtime - _seconds(jump)) < 600  # noqa: PTH116
                await asyncio.to_thread(ledger.check, plane)
                await eventually(plane.is_in_sync, "in sync", within_s=60)
                await in_agreement(plane, envoy)
                assert ledger.unknown == 0
    check_store(*data_of(tmp_path))


def _set(clock: Path, jump: str) -> None:
    draft = clock.with_suffix(".new")
    draft.write_text(f"{jump}\n")
    draft.replace(clock)


def _seconds(jump: str) -> int:
    return int(jump.rstrip("d")) * 86_400
