"""The Getting Started on a control plane, and its stage: real sidecars, and traffic that never stops."""

import asyncio
import concurrent.futures
import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from gossamer.demo.layout import MEMBERS, MESH
from gossamer.demo.namespaces import namespaces
from gossamer.demo.run import FILES, chosen, examples, is_ready
from tests.support.control_plane import ControlPlane

#: Far more than it takes on an idle machine.
PATIENCE_S = 90.0


def eventually(check: Callable[[], bool], what: str, within_s: float = PATIENCE_S) -> None:
    """Return once it is so."""
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        if check():
            return
        time.sleep(0.05)
    raise AssertionError(f"not {what} within {within_s:.0f} s")


def create_demo_mesh(plane: ControlPlane) -> Any:
    """All of the Getting Started's resources; returns the client that made them."""
    client = plane.client()
    client.create_mesh(meshName=MESH)
    for operation, file in FILES:
        given = json.loads((examples() / file).read_text())
        getattr(client, operation.replace("-", "_"))(**given)
    return client


def stage_mode() -> str:
    """The mode in which the stage can be played here; asked in a thread of its own, beside any loop."""
    with concurrent.futures.ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(chosen("auto"))).result()


@contextlib.contextmanager
def playing_stage(plane: ControlPlane, directory: Path, mode: str) -> Iterator[None]:
    """Three sidecars with their applications, and requests from serviceA to serviceB while we are inside."""
    plane.socket.chmod(0o666)
    directory.chmod(0o755)
    command = (*namespaces(mode), sys.executable, "-m", "gossamer.demo.stage", str(directory), mode)
    said = directory / "stage.log"
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GOSSAMER_")}
    with (
        said.open("wb") as log,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log, env=environ) as process,
    ):
        assert process.stdin is not None
        try:
            eventually(lambda: _are_ready(plane), f"every sidecar ready: {said.read_text()}")
            process.stdin.write(b"begin\n")
            process.stdin.flush()
            eventually(lambda: '"answered"' in said.read_text(), f"an answer: {said.read_text()}")
            yield
        finally:
            process.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()


def _are_ready(plane: ControlPlane) -> bool:
    return sum(is_ready(one) for one in plane.proxies()) == len(MEMBERS)
