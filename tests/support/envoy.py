"""The real Envoy, in a network namespace of its own; it reaches the control plane by a Unix socket."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from gossamer.sidecar.binary import envoy_command, envoy_path
from gossamer.sidecar.bootstrap import bootstrap
from gossamer.sidecar.env import settings

#: A new network namespace with its loopback up; without root, inside a user namespace of its own.
OWN_NETWORK = (
    shutil.which("unshare") or "unshare",
    *(("--net",) if os.geteuid() == 0 else ("--user", "--map-root-user", "--net")),
    "--kill-child",
    "--fork",
    "sh",
    "-c",
    'ip link set lo up && exec "$@"',
    "sh",
)


@dataclass
class Envoy:
    """One running Envoy."""

    process: subprocess.Popen[bytes]
    admin: Path
    log: Path

    async def get(self, path: str) -> str:
        """What its admin interface answers."""
        connector = aiohttp.UnixConnector(str(self.admin))
        async with (
            aiohttp.ClientSession(connector=connector) as session,
            session.get(f"http://envoy{path}") as answer,
        ):
            return await answer.text()

    async def stat(self, name: str) -> int:
        """One of its statistics."""
        found = json.loads(await self.get(f"/stats?format=json&filter=^{name}$"))["stats"]
        return int(found[0]["value"]) if found else 0

    async def state(self) -> str:
        """LIVE, or why not yet."""
        try:
            return str(json.loads(await self.get("/server_info"))["state"])
        except (aiohttp.ClientError, OSError):
            return "NOT LISTENING"


@contextlib.contextmanager
def running_envoy(node: str, xds: Path, directory: Path, name: str = "envoy") -> Iterator[Envoy]:
    """An Envoy that speaks for a node, ended when the test is."""
    found, _ = settings(
        {
            "APPMESH_RESOURCE_ARN": node,
            "APPMESH_XDS_ENDPOINT": f"unix://{xds}",
            "ENVOY_CONCURRENCY": "1",
            "ENVOY_ADMIN_ACCESS_LOG_FILE": "/dev/null",
        }
    )
    admin, config, log = (directory / f"{name}.{end}" for end in ("sock", "json", "log"))
    config.write_text(json.dumps(bootstrap(found, str(admin))))
    command = (*OWN_NETWORK, *envoy_command(found, envoy_path(found), ("-c", str(config))))
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out) as process:
        try:
            yield Envoy(process, admin, log)
        finally:
            process.send_signal(signal.SIGKILL)


async def eventually(check: Callable[[], Awaitable[bool]], what: str, within_s: float = 20) -> None:
    """Wait until an async check holds."""
    for _ in range(int(within_s / 0.02)):
        if await check():
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"not within {within_s} s: {what}")
