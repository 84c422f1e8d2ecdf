"""A disk that is full, and has room again."""

import asyncio
import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.test_control_plane import NODE, fill
from tests.support.control_plane import ControlPlane, running_control_plane
from tests.support.endured import IS_FULL, acknowledged, in_agreement, traffic_through, writers
from tests.support.envoy import eventually, running_envoy
from tests.support.ledger import Ledger, client_of

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.faults,
    pytest.mark.skipif(not IS_FULL, reason="`make faults` runs it"),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts"),
]


@contextlib.contextmanager
def small_disk(place: Path) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """A disk of 24 MB that is mounted for the test alone: the way to it, and what runs a command there."""
    place.mkdir()
    script = f"mount -t tmpfs -o size=24m tmpfs {place} && echo mounted && exec cat"
    command = ("unshare", "--mount", "--propagation", "private", "sh", "-c", script)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"mounted\n"
        try:
            yield (
                Path(f"/proc/{holder.pid}/root{place}"),
                ("nsenter", f"--target={holder.pid}", "--mount", "--"),
            )
        finally:
            holder.kill()


async def test_a_disk_that_is_full(tmp_path: Path) -> None:
    ledger, planes = Ledger(), list[ControlPlane]()
    clients: list[Any] = []
    with contextlib.ExitStack() as stack:
        disk, within = stack.enter_context(small_disk(tmp_path / "data"))

        async def start() -> None:
            running = running_control_plane(tmp_path, within=within)
            planes.append(await asyncio.to_thread(stack.enter_context, running))
            clients.append(client_of(planes[-1]))

        async def is_refused() -> bool:
            return ledger.unknown > 20

        await start()
        fill(planes[0].client())
        envoy = stack.enter_context(running_envoy(NODE, planes[0].socket, tmp_path, apps=(8081, 8082)))
        async with traffic_through(envoy):
            async with writers(ledger, [lambda: clients[-1]] * 3, 8):
                await acknowledged(ledger, 30)
                _fill_up(disk / "filler")
                await eventually(is_refused, "nothing can be written", within_s=120)
                # What is there is told all the same.
                await asyncio.to_thread(clients[-1].list_virtual_nodes, meshName="simpleapp")
                planes[-1].kill()
                (disk / "filler").unlink()
                await start()
                await acknowledged(ledger, 30)
                _fill_up(disk / "filler")
                ledger.unknown = 0
                await eventually(is_refused, "nothing can be written", within_s=120)
                (disk / "filler").unlink()
                # The same process goes on.
                await acknowledged(ledger, 30)
            await asyncio.to_thread(ledger.check, planes[-1])
            await eventually(planes[-1].is_in_sync, "in sync", within_s=60)
            await in_agreement(planes[-1], envoy)
        planes[-1].kill()
        check = (*within, "python3", "-c", _CHECK, str(tmp_path / "data" / "gossamer.db"))
        done = await asyncio.to_thread(subprocess.run, check, capture_output=True, text=True, check=True)
        assert done.stdout == "ok\n"


_CHECK = (
    "import sqlite3, sys; print(*sqlite3.connect(sys.argv[1]).execute('PRAGMA integrity_check').fetchone())"
)


def _fill_up(path: Path) -> None:
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as filler:
        while filler.write(b"\0" * 4096):
            pass
